"""Cells of FIGURES.md, and where we answer otherwise with a reason. No assertion lies here."""

import csv
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import duckdb

HERE = Path(__file__).parent
REFERENCE = HERE.parents[1] / "sources" / "reference"
# Of F1 and F2 together; of F6, F6b and F7 together.
MOST_EXCEPTIONS = 5
MOST_TRADE_EXCEPTIONS = 3

Row = dict[str, str]
Key = tuple[str, str, str, str]


def read_rows(name: str) -> list[Row]:
    """Rows of a CSV file of this folder."""
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def key_of(cell: Row) -> Key:
    """What names a cell on its page."""
    return cell["figure_row"], cell["edition"], cell["reference_year"], cell["measure"]


def exceptions(page: str) -> dict[Key, Row]:
    """Cells of a page that we answer otherwise."""
    return {key_of(row): row for row in read_rows("exceptions.csv") if row["page"] == page}


def f1_cells() -> list[Row]:
    """USGS: China's share, HHI, leader and world total, by edition and year."""
    return read_rows("f1_production.csv")


def f2_cells() -> list[Row]:
    """IEA: China's share, top three, HHI and world total in each edition's base year."""
    years = {"GCMO2024": "2023", "GCMO2025": "2024"}
    return [
        {**row, "figure_row": row["block"], "reference_year": years[row["edition"]]}
        for row in read_rows("f2_iea.csv")
    ]


def f6_cells(figure: str) -> list[Row]:
    """BACI: China's share of a line's imports in 2024, by value (F6) or tonnes (F6b)."""
    return [
        {**row, "figure_row": f"{row['hs6']} {row['importer_id']}", "edition": "BACI202601"}
        for row in read_rows("f6_imports.csv")
        if row["figure"] == figure
    ]


def f7_cells() -> list[Row]:
    """BACI: Japan's imports of rare earths and magnets, and China's share, 1995-2024."""
    return [{**row, "edition": "BACI202601"} for row in read_rows("f7_japan.csv")]


def rounded(number: float, digits: int = 0) -> str:
    """As pages print it: a half goes up. Noise of binary sums behind the tenth digit is no half."""
    exact = Decimal(repr(round(number, 10)))
    return str(exact.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP))


def concentration(
    release: duckdb.DuckDBPyConnection, source_id: str, cell: Row
) -> dict[str, float | str | None]:
    """The one row of `mart_supplier_concentration` that a cell is about."""
    cursor = release.execute(
        "select china_share, china_null_reason, production_hhi_lower, top3_share, leader_country_iso3, leader_share, "
        "world_total_tonnes from marts.mart_supplier_concentration where source_id = ? and "
        "mineral_id = ? and stage = ? and form = ? and edition = ? and reference_year = ?",
        [
            source_id,
            cell["mineral_id"],
            cell["stage"],
            cell["form"],
            cell["edition"],
            int(cell["reference_year"]),
        ],
    )
    names = [column[0] for column in cursor.description or []]
    found = cursor.fetchall()
    assert len(found) == 1, f"{cell}: {len(found)} rows"
    return dict(zip(names, found[0], strict=True))
