"""Spare capacity, subtracted by hand from the cells that the publishers print, against the release.

World Minerals Outlook 2025: the rows of 2024, thousand tonnes and kilograms turned into tonnes. MCS 2026:
capacity and production of 2025. docs/methods/spare_capacity.md has the formulas of the bounds.
"""

import duckdb
import pytest

# Source, mineral, year, place: capacity less production as printed, in tonnes.
MEASURED = {
    ("usgs_outlook", "cobalt", 2024, "COD"): 273_100 - 220_000,
    ("usgs_outlook", "cobalt", 2024, "IDN"): 29_300 - 28_000,
    ("usgs_outlook", "cobalt", 2024, "NCL"): 7_000 - 1_500,
    ("usgs_outlook", "cobalt", 2024, "WORLD"): 379_000 - 290_000,
    ("usgs_outlook", "gallium", 2024, "CHN"): 750 - 750,
    ("usgs_outlook", "gallium", 2024, "KOR"): 16 - 3,
    ("usgs_outlook", "gallium", 2024, "REST"): 0.5 - 0,
    ("usgs_outlook", "lithium", 2024, "AUS"): 106_700 - 88_000,
    ("usgs_outlook", "lithium", 2024, "CHL"): 53_000 - 49_000,
    ("usgs_outlook", "magnesium", 2024, "CHN"): 1_800_000 - 950_000,
    # Nothing is made, by a printed zero: all of it is idle.
    ("usgs_outlook", "magnesium", 2024, "USA"): 64_000,
    # Iran's 5 and Turkey's 15 are made with capacity of "rest", which makes 0 besides.
    ("usgs_outlook", "magnesium", 2024, "REST"): 69_000 - 5_000 - 15_000,
    ("usgs_outlook", "palladium", 2024, "ZAF"): 110 - 72,
    ("usgs_outlook", "palladium", 2024, "RUS"): 100 - 75,
    ("usgs_outlook", "platinum", 2024, "ZAF"): 170 - 120,
    ("usgs_outlook", "titanium", 2024, "CHN"): 320_000 - 220_000,
    ("usgs_outlook", "titanium", 2024, "JPN"): 65_200 - 55_000,
    # Only the world's capacity is printed for 2022.
    ("usgs_outlook", "cobalt", 2022, "WORLD"): 288_700 - 198_000,
    ("usgs_mcs", "gallium", 2025, "CHN"): 1_600 - 900,
    ("usgs_mcs", "magnesium", 2025, "CHN"): 1_480_000 - 950_000,
}
# Production above capacity: nothing is spare, and the row says so.
ABOVE = {
    ("usgs_outlook", "lithium", 2024, "ARG"): (17_500, 18_000),
    ("usgs_outlook", "lithium", 2024, "ZWE"): (12_500, 22_000),
    ("usgs_outlook", "palladium", 2024, "ZWE"): (13, 15),
}
# At least, at most, and why there is no figure.
BOUNDED = {
    ("usgs_outlook", "cobalt", 2024, "BRA"): (0, 4_400, "production_in_rest"),
    ("usgs_outlook", "cobalt", 2024, "PNG"): (0, 16_000 - 2_800 - 300, "capacity_in_rest"),
    # Brazil and Zambia, 8.4 together, may have made all of the 6.2 of "rest".
    ("usgs_outlook", "cobalt", 2024, "REST"): (
        16_000 - 2_800 - 300 - 6_200,
        16_000 - 2_800 - 300,
        "rest_has_a_range",
    ),
    ("usgs_outlook", "gallium", 2024, "DEU"): (40 - 0, 40, "production_in_rest"),
    ("usgs_outlook", "palladium", 2024, "SRB"): (5.6 - 4.2, 5.6, "production_in_rest"),
    ("usgs_outlook", "platinum", 2024, "CHN"): (0, 3, "production_in_rest"),
    # China made at most 3 of the 4.6 of "rest": the others made 1.6 at least.
    ("usgs_outlook", "platinum", 2024, "REST"): (0, 4.1 - 1.6, "rest_has_a_range"),
    ("usgs_outlook", "lithium", 2024, "USA"): (0, 7_100 - 380, "capacity_in_rest"),
    ("usgs_outlook", "lithium", 2024, "WORLD"): (
        0,
        265_700 - 240_000,
        "total_leaves_producers_out",
    ),
    ("usgs_outlook", "titanium", 2024, "UKR"): (0, 12_000, "production_not_listed"),
}
NONE = {
    ("usgs_outlook", "titanium", 2024, "WORLD"): "total_below_its_parts",
    ("usgs_outlook", "cobalt", 2022, "COD"): "capacity_not_listed",
}
Key = tuple[str, str, int, str]


@pytest.fixture(scope="module")
def found(release: duckdb.DuckDBPyConnection) -> dict[Key, dict]:
    rows = (
        release.execute(
            "select * from marts.mart_spare_capacity where form not in ('sponge_idled', 'pigment')"
        )
        .pl()
        .to_dicts()
    )
    keys = ("source_id", "mineral_id", "reference_year", "geography_id")
    return {tuple(row[key] for key in keys): row for row in rows}


@pytest.mark.parametrize("key", MEASURED, ids=lambda key: "-".join(map(str, key)))
def test_spare_is_what_is_printed_less_what_is_made(found: dict[Key, dict], key: Key) -> None:
    row, expected = found[key], pytest.approx(MEASURED[key], abs=1e-6)
    assert row["spare_status"] == "measured"
    figures = [row[f"spare_capacity_tonnes{end}"] for end in ("", "_lower", "_upper")]
    assert figures == [expected] * 3
    assert row["null_reason"] is None


@pytest.mark.parametrize("key", ABOVE, ids=lambda key: "-".join(map(str, key)))
def test_above_capacity_nothing_is_spare(found: dict[Key, dict], key: Key) -> None:
    row = found[key]
    assert (row["capacity_tonnes"], row["production_tonnes"]) == ABOVE[key]
    assert (row["spare_status"], row["spare_capacity_tonnes"]) == ("measured", 0)
    assert "production_above_capacity" in row["quality_flags"]


@pytest.mark.parametrize("key", BOUNDED, ids=lambda key: "-".join(map(str, key)))
def test_what_hides_in_the_rest_has_bounds(found: dict[Key, dict], key: Key) -> None:
    row, (lower, upper, reason) = found[key], BOUNDED[key]
    assert (row["spare_status"], row["spare_capacity_tonnes"]) == ("bounded", None)
    assert row["spare_capacity_tonnes_lower"] == pytest.approx(lower, abs=1e-6)
    assert row["spare_capacity_tonnes_upper"] == pytest.approx(upper, abs=1e-6)
    assert row["null_reason"] == reason


@pytest.mark.parametrize("key", NONE, ids=lambda key: "-".join(map(str, key)))
def test_what_nothing_bounds_says_why(found: dict[Key, dict], key: Key) -> None:
    row = found[key]
    assert (row["spare_status"], row["null_reason"]) == ("none", NONE[key])
    assert row["spare_capacity_tonnes_upper"] is None


def test_measured_spare_of_countries_and_rest_is_within_their_capacity(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Mass: what is made and what is spare of a measured row are its capacity, unless that is exceeded."""
    off = release.execute(
        "select * from marts.mart_spare_capacity where spare_status = 'measured' "
        "and geography_kind <> 'rest' and abs(greatest(capacity_tonnes, production_tonnes) "
        "- production_tonnes - spare_capacity_tonnes) > 0.000001"
    ).fetchall()
    assert off == []
