"""Means of the Pink Sheet's months against the publisher's workbook, read from its XML and added up as fractions."""

import re
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from tests.sheet_cells import sheet_cells

BOOK = "world_bank_pink_sheet/CMO-Historical-Data-Monthly.xlsx"
# Heading of the publisher's column, and the mineral.
SERIES = {
    "Aluminum": "aluminium",
    "Copper": "copper",
    "Lead": "lead",
    "Nickel": "nickel",
    "Phosphate rock": "phosphate",
    "Platinum": "platinum",
    "Potassium chloride": "potash",
    "Silver": "silver",
    "Tin": "tin",
    "Zinc": "zinc",
}
PRECIOUS = {"platinum", "silver"}
TROY_OUNCE_GRAMS = Fraction("31.1034768")
Months = dict[tuple[str, int], list[Fraction]]


@pytest.fixture(scope="module")
def months(shared_data: Path) -> Months:
    """Prices of each mineral and year, in the order of months, as printed; a missing month is left out."""
    cells = sheet_cells(shared_data / BOOK, "Monthly Prices")
    by_row: dict[int, dict[str, float | str]] = {}
    for name, value in cells.items():
        by_row.setdefault(int(re.sub(r"\D", "", name)), {})[re.sub(r"\d", "", name)] = value
    [heading] = [row for row in by_row.values() if "Copper" in row.values()]
    columns = {
        column: SERIES[bare]
        for column, label in heading.items()
        if (bare := str(label).replace("**", "").strip()) in SERIES
    }
    found: Months = {}
    for _, row in sorted(by_row.items()):
        if re.fullmatch(r"\d{4}M\d{2}", str(row.get("A"))):
            for column, mineral in columns.items():
                price = row.get(column)
                if isinstance(price, float):
                    key = mineral, int(str(row["A"])[:4])
                    found.setdefault(key, []).append(Fraction(price))
    return found


def _printed(
    release: duckdb.DuckDBPyConnection, mineral: str, year: int
) -> tuple[float | None, float | None, int, str | None]:
    [row] = release.execute(
        "select price_value, value_usd_per_tonne, month_count, null_reason from marts.fct_price "
        "where source_id = 'world_bank_pink_sheet' and period_kind = 'year' and is_current_edition "
        "and mineral_id = ? and reference_year = ?",
        [mineral, year],
    ).fetchall()
    return row


@pytest.mark.slow
@pytest.mark.shared
def test_every_mean_is_that_of_twelve_printed_months(
    months: Months, release: duckdb.DuckDBPyConnection
) -> None:
    assert len(months) == len(SERIES) * 67
    short = {}
    for (mineral, year), printed in months.items():
        value, usd_per_tonne, count, reason = _printed(release, mineral, year)
        assert count == len(printed), (mineral, year)
        if len(printed) < 12:
            short[mineral, year] = count
            assert (value, usd_per_tonne) == (None, None)
            assert reason == "fewer than twelve months have a price"
            continue
        mean = sum(printed) / 12
        tonne = mean * 1_000_000 / TROY_OUNCE_GRAMS if mineral in PRECIOUS else mean
        assert value == pytest.approx(float(mean), rel=1e-9), (mineral, year)
        assert usd_per_tonne == pytest.approx(float(tonne), rel=1e-9), (mineral, year)
    begun = dict.fromkeys([(mineral, 2026) for mineral in SERIES.values()], 2)
    assert short == {**begun, ("phosphate", 2023): 11}


@pytest.mark.slow
@pytest.mark.shared
def test_every_month_is_the_printed_one(months: Months, release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select mineral_id, reference_year, price_value from marts.fct_price "
        "where source_id = 'world_bank_pink_sheet' and period_kind = 'month' "
        "and price_value is not null order by mineral_id, period_starts_on"
    ).fetchall()
    got: dict[tuple[str, int], list[float]] = {}
    for mineral, year, value in found:
        got.setdefault((mineral, year), []).append(value)
    assert got == {key: [float(value) for value in printed] for key, printed in months.items()}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("mineral", "label"), [("copper", "lme_cash"), ("tin", "lme_cash"), ("zinc", "lme_cash")]
)
def test_two_publishers_of_one_market_agree(
    release: duckdb.DuckDBPyConnection, mineral: str, label: str
) -> None:
    """London in cents a pound (USGS, rounded) and dollars a tonne (World Bank); tin of 2021 differs most, by 0.6%."""
    pairs = release.execute(
        "select reference_year, theirs.value_usd_per_tonne, ours.value_usd_per_tonne "
        "from marts.fct_price as theirs inner join marts.fct_price as ours "
        "using (mineral_id, reference_year, period_kind, is_current_edition) "
        "where is_current_edition and period_kind = 'year' and not theirs.is_estimated "
        "and theirs.source_id = 'usgs_mcs_us' and ours.source_id = 'world_bank_pink_sheet' "
        "and mineral_id = ? and theirs.price_label = ?",
        [mineral, label],
    ).fetchall()
    assert len(pairs) >= 5
    wrong = [pair for pair in pairs if pair[2] != pytest.approx(pair[1], rel=0.01)]
    assert not wrong
