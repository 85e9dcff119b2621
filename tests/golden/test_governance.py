"""Governance in the marts against the publisher's file, read with `csv` and worked out with fractions."""

import csv
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

FILE = "world_bank_wgi/wgi_political_stability_estimate_1996_2024.csv"
Cells = dict[tuple[str, int], str]


@pytest.fixture(scope="module")
def cells(shared_data: Path) -> Cells:
    """Cell of each code and year. Of two rows with the code GUY the later is Guyana."""
    with (shared_data / FILE).open(encoding="utf-8", newline="") as handle:
        rows = list(csv.DictReader(handle))
    return {
        (row["Code"], int(name)): value
        for row in rows
        for name, value in row.items()
        if name.isdigit()
    }


@pytest.mark.slow
@pytest.mark.shared
@pytest.mark.parametrize(
    ("iso3", "year", "printed"),
    [
        ("CHN", 2023, "-0.17445149999999998"),
        ("JPN", 2023, "1.2674256"),
        ("COD", 2023, "-1.9812287"),
        ("USA", 1996, "0.935005784034729"),
        ("SOM", 2009, "-3.31295108795166"),
        ("ABW", 1996, "nan"),
    ],
)
def test_a_printed_score_and_its_instability(
    cells: Cells, release: duckdb.DuckDBPyConnection, iso3: str, year: int, printed: str
) -> None:
    assert cells[iso3, year] == printed
    [(estimate, instability, status)] = release.execute(
        "select governance_estimate, political_instability, value_status from marts.fct_governance "
        "where source_id = 'world_bank_wgi' and is_current_edition and country_iso3 = ? and reference_year = ?",
        [iso3, year],
    ).fetchall()
    if printed == "nan":
        assert (estimate, instability, status) == (None, None, "not_available")
        return
    # From the bottom of the scale upwards, as fractions: 5 points are the whole of it.
    from_bottom = (Fraction(printed) + Fraction(5, 2)) / 5
    assert (estimate, status) == (float(printed), "numeric")
    assert instability == pytest.approx(float(1 - max(Fraction(0), min(Fraction(1), from_bottom))))


@pytest.mark.slow
@pytest.mark.shared
def test_every_country_and_year_is_the_printed_one(
    cells: Cells, release: duckdb.DuckDBPyConnection
) -> None:
    found = release.execute(
        "select published_code, reference_year, governance_estimate, political_instability, is_clipped "
        "from marts.fct_governance where source_id = 'world_bank_wgi' and edition = 'WGI2025'"
    ).fetchall()
    assert len(found) == 5550
    wrong = []
    for code, year, estimate, instability, is_clipped in found:
        printed = cells[code, year]
        number = None if printed in {"nan", "None"} else float(printed)
        expected = None if number is None else sorted([0.0, 0.5 - number / 5, 1.0])[1]
        is_beyond = None if number is None else abs(number) > 2.5
        if (estimate, is_clipped) != (number, is_beyond) or instability != pytest.approx(expected):
            wrong.append(f"{code} {year}: {printed}, got {estimate}, {instability}")
    assert not wrong, "\n".join(wrong)
    assert sum(bool(row[4]) for row in found) == 72
