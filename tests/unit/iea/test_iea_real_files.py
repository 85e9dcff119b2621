"""The real files against an independent reading of them, with `zipfile`, XML and `json` only."""

import json
import re
from pathlib import Path

import polars as pl
import pytest
from iea_files import CONVERSION, DEMAND, OTHER_SHEETS, SHEETS, SOURCE, SUPPLY, WORKBOOK, real_cells

from sources.reading.input import Input
from sources.reading.published import verify_bytes

pytestmark = pytest.mark.shared
Tables = dict[str, pl.DataFrame]

# Read by eye in the files: edition, place, label, year, kilotonnes.
BY_EYE = [
    ("GCMO2024", f"{WORKBOOK}:{SUPPLY}!B7", "Chile", 2023, 5311.3),
    ("GCMO2024", f"{WORKBOOK}:{SUPPLY}!H24", "Total clean technologies", 2023, 223.8),
    ("GCMO2024", f"{WORKBOOK}:{SUPPLY}!B22", None, 2023, None),
    ("GCMO2024", f"{WORKBOOK}:{SUPPLY}!K60", "China", 2040, 85.7),
    (
        "GCMO2025",
        f"{CONVERSION}:supply/Copper/refining/countries/China:2024",
        "China",
        2024,
        11860.0,
    ),
    ("GCMO2025", f"{CONVERSION}:supply/Nickel/mining/total:2024", "Total", 2024, 3861.0),
]


@pytest.fixture(scope="module")
def cells(shared_data: Path) -> dict[str, dict[str, str]]:
    return real_cells(shared_data / "iea_critical_minerals" / WORKBOOK)


@pytest.fixture(scope="module")
def conversion(shared_data: Path) -> dict:
    path = shared_data / "iea_critical_minerals" / CONVERSION
    return json.loads(path.read_text(encoding="utf-8"))


def _is_number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+(E-?\d+)?", text) is not None


def _labels(sheet: dict[str, str], column: str, first_figure: str) -> int:
    """Rows that have a text in one column and a number in another."""
    return sum(
        place.startswith(column)
        and place[1:].isdigit()
        and not _is_number(text)
        and _is_number(sheet.get(f"{first_figure}{place[1:]}", ""))
        for place, text in sheet.items()
    )


def test_every_record_of_the_workbook_is_accounted_for(
    cells: dict[str, dict[str, str]], iea_published: Tables, iea_lake: Tables
) -> None:
    assert list(cells) == SHEETS
    supply = _labels(cells[SUPPLY], "A", "B") + _labels(cells[SUPPLY], "G", "H")
    counted = {DEMAND: _labels(cells[DEMAND], "A", "B"), SUPPLY: supply}
    for name in OTHER_SHEETS:
        # Alternative cases leave the base year empty: any number of the row counts.
        rows = {re.sub(r"\D", "", place) for place, text in cells[name].items() if _is_number(text)}
        counted[name] = sum(f"A{row}" in cells[name] for row in rows)
    assert counted[SUPPLY] == 97
    assert sum(counted.values()) == 416
    [total] = iea_published["file_rows"].filter(pl.col("edition") == "GCMO2024")["file_rows"]
    assert total == sum(counted.values())
    not_used = iea_lake["not_used"].filter(pl.col("edition") == "GCMO2024")
    unread = dict(not_used.select("label", "file_rows").iter_rows())
    assert {name: counted[name] for name in OTHER_SHEETS} == {
        name: unread[name] for name in OTHER_SHEETS
    }
    assert unread["Top 3 share"] == 12
    assert unread["Share of clean technologies in total demand"] == 6


def test_every_record_of_the_conversion_is_accounted_for(
    conversion: dict, iea_published: Tables, iea_lake: Tables
) -> None:
    def records(node: object) -> int:
        if not isinstance(node, dict):
            return 0
        return 1 if "2024" in node else sum(records(below) for below in node.values())

    counted = {name: records(node) for name, node in conversion.items()}
    [total] = iea_published["file_rows"].filter(pl.col("edition") == "GCMO2025")["file_rows"]
    assert total == sum(counted.values()) == 296
    notes = [
        name
        for name in conversion["supply"]["Rare Earth Elements"]["mining"]["countries"]
        if len(name) > 40
    ]
    account = iea_lake["not_used"].filter(
        pl.col("label") == "supply/Rare Earth Elements/mining/countries"
    )
    assert account["file_rows"].to_list() == [len(notes)] == [2]
    # Their text stands nowhere.
    for frame in [*iea_published.values(), *iea_lake.values()]:
        for column in frame.select(pl.col(pl.String)).iter_columns():
            assert not column.str.contains("Base case|Notes:").any(), column.name


def test_every_figure_of_the_workbook_is_the_cell_it_names(
    cells: dict[str, dict[str, str]], iea_published: Tables
) -> None:
    for table in ("supply", "demand"):
        rows = iea_published[table].filter(pl.col("edition") == "GCMO2024")
        label = "published_country" if table == "supply" else "published_use"
        for row in rows.iter_rows(named=True):
            sheet, cell = row["source_row_id"].removeprefix(f"GCMO2024:{WORKBOOK}:").split("!")
            number = re.sub(r"\D", "", cell)
            column = "G" if sheet == SUPPLY and cell[0] in "HIJK" else "A"
            assert float(cells[sheet][cell]) == row["value_number"], row
            assert cells[sheet][f"{column}{number}"].strip() == row[label], row
            years = cells[sheet][f"{cell[0]}{4 if sheet == SUPPLY else 5}"]
            assert int(years) == row["reference_year"], row
    # All numbers below the header are read, but for the helper columns beside the demand table.
    read = sum(
        iea_published[t].filter(pl.col("edition") == "GCMO2024").height
        for t in ("supply", "demand")
    )
    there = sum(
        _is_number(text) and int(re.sub(r"\D", "", place)) > 5
        for name in (DEMAND, SUPPLY)
        for place, text in cells[name].items()
    )
    assert read == there == 388 + 752


def test_every_figure_of_the_conversion_is_the_one_at_its_path(
    conversion: dict, iea_published: Tables
) -> None:
    count = 0
    for table in ("supply", "demand"):
        rows = iea_published[table].filter(pl.col("edition") == "GCMO2025")
        for row in rows.iter_rows(named=True):
            path, *years = row["source_row_id"].removeprefix(f"GCMO2025:{CONVERSION}:").split(":")
            node = conversion
            for key in [*path.split("/"), *years]:
                node = node[key]
            assert node == row["value_number"], row
            count += 1
    assert count == 388 + 752


@pytest.mark.parametrize("seen", BY_EYE)
def test_figures_read_by_eye(iea_published: Tables, seen: tuple) -> None:
    edition, place, *wanted = seen
    found = iea_published["supply"].filter(pl.col("source_row_id") == f"{edition}:{place}")
    rows = found.select("published_country", "reference_year", "value_number").rows()
    assert rows == ([tuple(wanted)] if wanted[0] else [])


def test_the_real_files_are_the_pinned_ones(shared_data: Path) -> None:
    # sha256sum of the two files, first sixteen digits.
    assert verify_bytes(SOURCE, Input.FILES, shared_data) == {
        "GCMO2024": "f858a9acb5fe3838",
        "GCMO2025": "110a2fff8406a2a3",
    }
