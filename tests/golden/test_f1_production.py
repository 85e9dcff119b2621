"""FIGURES.md F1, worked out independently from USGS's files, against the published marts.

`f1_production.csv` is a transcription of that page; a cell that differs stands in `exceptions.csv` with
the publisher's row and the reason.
"""

import csv
from pathlib import Path

import duckdb
import pytest

HERE = Path(__file__).parent
MOST_EXCEPTIONS = 3


def _rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


CELLS = _rows("f1_production.csv")
EXCEPTIONS = {
    (row["figure_row"], row["edition"], row["reference_year"], row["measure"]): row
    for row in _rows("exceptions.csv")
}
NAMES = {
    "Congo (Kinshasa)": "COD",
    "China": "CHN",
    "Chile": "CHL",
    "Indonesia": "IDN",
    "Australia": "AUS",
    "South Africa": "ZAF",
    "Guinea": "GIN",
    "Brazil": "BRA",
}


def _editions(release: duckdb.DuckDBPyConnection) -> set[str]:
    found = release.execute("select edition from marts.dim_edition where source_id = 'usgs_mcs'")
    return {edition for (edition,) in found.fetchall()}


def _got(release: duckdb.DuckDBPyConnection, cell: dict[str, str]) -> str | None:
    found = release.execute(
        "select china_share, hhi_lower, leader_iso3, leader_share, world_total_tonnes "
        "from marts.mart_supplier_concentration where source_id = 'usgs_mcs' and mineral_id = ? "
        "and stage = ? and form = ? and edition = ? and reference_year = ?",
        [
            cell["mineral_id"],
            cell["stage"],
            cell["form"],
            cell["edition"],
            int(cell["reference_year"]),
        ],
    ).fetchall()
    assert len(found) == 1, f"{cell}: {len(found)} rows"
    china, hhi, leader, leader_share, world = found[0]
    match cell["measure"]:
        case "china_share_percent":
            return None if china is None else f"{china * 100:.1f}"
        case "hhi_points":
            return f"{hhi * 10000:.0f}"
        case "leader":
            expected = NAMES[cell["expected"]]
            return cell["expected"] if leader == expected else leader
        case "leader_share_percent":
            return f"{leader_share * 100:.1f}"
        case "world_total":
            number, unit = cell["expected"].split(" ", 1)
            factor = {"metric tons": 1, "kilograms": 0.001}.get(unit, 1000)
            return (
                cell["expected"] if world == pytest.approx(float(number) * factor) else str(world)
            )
    raise AssertionError(cell["measure"])


@pytest.mark.parametrize("edition", ["MCS2023", "MCS2024", "MCS2025", "MCS2026"])
def test_f1_is_reproduced_to_the_printed_digit(
    release: duckdb.DuckDBPyConnection, edition: str
) -> None:
    assert edition in _editions(release)
    cells = [cell for cell in CELLS if cell["edition"] == edition]
    assert len(cells) > 40
    wrong = []
    for cell in cells:
        key = (cell["figure_row"], cell["edition"], cell["reference_year"], cell["measure"])
        expected = EXCEPTIONS[key]["got"] if key in EXCEPTIONS else cell["expected"]
        got = _got(release, cell)
        if got != expected:
            wrong.append(f"{key}: expected {expected}, got {got}")
    assert not wrong, "\n".join(wrong)


def test_exceptions_are_few_and_each_quotes_the_publisher() -> None:
    cells = {
        (cell["figure_row"], cell["edition"], cell["reference_year"], cell["measure"]): cell
        for cell in CELLS
    }
    assert len(EXCEPTIONS) <= MOST_EXCEPTIONS
    for key, row in EXCEPTIONS.items():
        assert row["expected"] == cells[key]["expected"], key
        assert row["got"] != row["expected"], key
        assert row["publisher_row"], key
        assert row["reason"], key
