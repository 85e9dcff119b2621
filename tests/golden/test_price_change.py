"""Prices around a control, from the figures that USGS prints: dollars a pound or a kilogram, worked out by hand."""

import duckdb
import pytest

# Event, mineral, label: the year before, of the control and after, as printed; units cancel in the change.
PRINTED = {
    # MCS 2026, dollars a pound: 2023, 2024, 2025.
    ("CHN-SB-2024", "antimony", "metal"): (5.49, 10.24, 25.00),
    # MCS 2026, dollars a kilogram.
    ("CHN-US-BAN-2024", "germanium", "metal"): (1_392, 1_991, 4_100),
    ("CHN-US-BAN-2024", "germanium", "dioxide"): (883, 1_281, 2_500),
    ("CHN-US-BAN-2024", "gallium", "import_unit_value"): (365, 439, 580),
    # 2022, 2023, 2024.
    ("CHN-GAGE-2023", "germanium", "metal"): (1_294, 1_392, 1_991),
    ("CHN-GAGE-2023", "germanium", "dioxide"): (828, 883, 1_281),
    # Dollars a tonne of carbonate, battery grade: 2022, 2023, 2024.
    ("ZWE-BASE-2023", "lithium", "battery_grade_carbonate"): (71_100, 41_300, 14_000),
}


@pytest.mark.slow
@pytest.mark.parametrize("case", PRINTED)
def test_a_change_is_that_of_the_printed_prices(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str]
) -> None:
    before, at_start, after = PRINTED[case]
    [row] = release.execute(
        "select change_share, value_usd_per_tonne_at_start / value_usd_per_tonne_before "
        "from marts.mart_price_change "
        "where event_id = ? and mineral_id = ? and price_label = ? and period_kind = 'year'",
        list(case),
    ).fetchall()
    assert row == (
        pytest.approx(after / before - 1, abs=1e-9),
        pytest.approx(at_start / before, abs=1e-9),
    )


@pytest.mark.slow
def test_a_control_of_the_newest_year_has_no_change_yet(
    release: duckdb.DuckDBPyConnection,
) -> None:
    reasons = release.execute(
        "select distinct null_reason from marts.mart_price_change "
        "where event_id = 'CHN-5METALS-2025' and mineral_id = 'bismuth' and change_share is null"
    ).fetchall()
    assert reasons == [("months_or_years_after_are_missing",)]
