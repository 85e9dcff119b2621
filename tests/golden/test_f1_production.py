"""FIGURES.md F1, worked out independently from USGS's files, against the published marts.

`f1_production.csv` is a transcription of that page; a cell that differs stands in `exceptions.csv` with
the publisher's row and the reason.
"""

import duckdb
import pytest

from tests.golden.cells import Row, concentration, exceptions, f1_cells, key_of

CELLS = f1_cells()
EXCEPTIONS = exceptions("F1")
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


def _got(release: duckdb.DuckDBPyConnection, cell: Row) -> str | None:
    found = concentration(release, "usgs_mcs", cell)
    match cell["measure"]:
        case "china_share_percent":
            china = found["china_share"]
            return None if china is None else f"{float(china) * 100:.1f}"
        case "hhi_points":
            return f"{float(found['production_hhi_lower'] or 0) * 10000:.0f}"
        case "leader":
            leader = found["leader_country_iso3"]
            return cell["expected"] if leader == NAMES[cell["expected"]] else str(leader)
        case "leader_share_percent":
            return f"{float(found['leader_share'] or 0) * 100:.1f}"
        case "world_total":
            number, unit = cell["expected"].split(" ", 1)
            factor = {"metric tons": 1, "kilograms": 0.001}.get(unit, 1000)
            world = found["world_total_tonnes"]
            return (
                cell["expected"] if world == pytest.approx(float(number) * factor) else str(world)
            )
    raise AssertionError(cell["measure"])


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["MCS2023", "MCS2024", "MCS2025", "MCS2026"])
def test_f1_is_reproduced_to_the_printed_digit(
    release: duckdb.DuckDBPyConnection, edition: str
) -> None:
    cells = [cell for cell in CELLS if cell["edition"] == edition]
    assert len(cells) > 40
    wrong = []
    for cell in cells:
        key = key_of(cell)
        expected = EXCEPTIONS[key]["got"] if key in EXCEPTIONS else cell["expected"]
        got = _got(release, cell)
        if got != expected:
            wrong.append(f"{key}: expected {expected}, got {got}")
    assert not wrong, "\n".join(wrong)
