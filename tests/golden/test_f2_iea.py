"""FIGURES.md F2, worked out independently from the IEA's files, against the published marts.

`f2_iea.csv` is a transcription of that page. Its note says that a China share of 0.0 means China is not
listed: here that is a null with the reason, never a zero. `tests/unit/iea/test_iea_f2.py` asks the lake.
"""

import duckdb
import pytest

from tests.golden.cells import Row, concentration, exceptions, f2_cells, key_of

CELLS = f2_cells()
EXCEPTIONS = exceptions("F2")


def _got(release: duckdb.DuckDBPyConnection, cell: Row) -> str:
    found = concentration(release, "iea_critical_minerals", cell)
    match cell["measure"]:
        case "china_share_percent":
            china = found["china_share"]
            if china is None:
                return str(found["china_null_reason"])
            return f"{float(china) * 100:.1f}"
        case "top3_percent":
            return f"{float(found['top3_share'] or 0) * 100:.1f}"
        case "hhi_points":
            return f"{float(found['production_hhi_lower'] or 0) * 10000:.0f}"
        case "world_kt":
            return f"{float(found['world_total_tonnes'] or 0) / 1000:.0f}"
    raise AssertionError(cell["measure"])


def _expected(cell: Row) -> str:
    if key_of(cell) in EXCEPTIONS:
        return EXCEPTIONS[key_of(cell)]["got"]
    if cell["measure"] == "china_share_percent" and cell["expected"] == "0.0":
        return "not_listed"
    return cell["expected"]


@pytest.mark.slow
@pytest.mark.parametrize("edition", ["GCMO2024", "GCMO2025"])
def test_f2_is_reproduced_to_the_printed_digit(
    release: duckdb.DuckDBPyConnection, edition: str
) -> None:
    cells = [cell for cell in CELLS if cell["edition"] == edition]
    # Three measures a block; the page prints the world total of the later base year only.
    assert len(cells) == 12 * (4 if edition == "GCMO2025" else 3)
    wrong = [
        f"{key_of(cell)}: expected {_expected(cell)}, got {got}"
        for cell in cells
        if (got := _got(release, cell)) != _expected(cell)
    ]
    assert not wrong, "\n".join(wrong)
