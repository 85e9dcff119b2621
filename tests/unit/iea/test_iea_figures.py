"""What the lake says of both editions: totals, shares, zeros, passports, accounts, units."""

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.checks import keeps_coverage, keeps_magnitude, records_are_accounted_for

SOURCE = load_source("iea_critical_minerals")
MAPPINGS_OF_USGS = SOURCE.folder.parent / "usgs_mcs" / "mappings"
Tables = dict[str, pl.DataFrame]
BLOCK = ["edition", "mineral_id", "stage", "form", "reference_year"]
# Publisher's slip in both editions, in every year: the parts of these blocks exceed the printed Total by
# exactly the sixth named country. The Top 3 share skips that row too, so the formulas look one row short:
# the rest of the world seems to hold the country a second time.
SIXTH_COUNTRY = {
    ("nickel", "mine"): "AUS",
    ("nickel", "refined"): "CAN",
    ("graphite", "refined"): "DEU",
    ("graphite_natural", "mine"): "TZA",
}
# In the workbook, parts and totals are rounded to 0.1 kt each; seven or eight parts.
ROUNDING_TONNES = 400


# In these years the sixth country produced nothing, so that nothing shows.
ZERO_SIXTH = {
    ("GCMO2024", "graphite_natural", "mine", "ore_or_concentrate", 2023),
    ("GCMO2025", "graphite", "refined", "battery_grade", 2024),
}


def _supply(lake: Tables) -> pl.DataFrame:
    columns = [*BLOCK, "published_country", "geography_kind", "country_iso3", "quantity_tonnes"]
    return pl.concat([lake[table].select(columns) for table in ("production", "supply_outlook")])


def test_tables_have_the_rows_of_both_editions(iea_lake: Tables) -> None:
    rows = {
        table: dict(frame.group_by("edition").len().sort("edition").iter_rows())
        for table, frame in iea_lake.items()
    }
    assert rows["production"] == {"GCMO2024": 85, "GCMO2025": 85}
    assert rows["supply_outlook"] == {"GCMO2024": 255, "GCMO2025": 255}
    assert rows["demand"] == {"GCMO2024": 656, "GCMO2025": 656}


def test_parts_make_the_published_total_but_for_four_blocks(iea_lake: Tables) -> None:
    for key, rows in _supply(iea_lake).group_by(BLOCK):
        sixth = SIXTH_COUNTRY.get((str(key[1]), str(key[2])), "")
        sums = rows.select(
            world=pl.col("quantity_tonnes").filter(pl.col("geography_kind") == "world").sum(),
            parts=pl.col("quantity_tonnes").filter(pl.col("geography_kind") != "world").sum(),
            sixth=pl.col("quantity_tonnes").filter(pl.col("country_iso3") == sixth).sum(),
        ).row(0, named=True)
        assert sums["parts"] - sums["sixth"] == pytest.approx(sums["world"], abs=ROUNDING_TONNES), (
            key
        )
        assert (sums["sixth"] > 0) == (bool(sixth) and key not in ZERO_SIXTH), key


def test_our_top_three_are_the_publishers(iea_snapshot: Tables, iea_lake: Tables) -> None:
    """The publisher's row of shares is not used; it sums the three largest of the first five named."""
    labels = ["edition", "published_commodity", "published_stage", "reference_year"]
    printed = iea_snapshot["supply"].filter(pl.col("published_country") == "Top 3 share")
    assert printed.height == 2 * 12 * 4
    figures = pl.concat(
        [
            iea_lake[table].select(*labels, "geography_kind", "quantity_tonnes")
            for table in ("production", "supply_outlook")
        ]
    )
    both = printed.join(
        figures.group_by(labels).agg(
            ours=pl.col("quantity_tonnes")
            .filter(pl.col("geography_kind") == "country")
            .top_k(3)
            .sum()
            / pl.col("quantity_tonnes").filter(pl.col("geography_kind") == "world").sum()
        ),
        on=labels,
        validate="1:1",
    )
    assert both.height == printed.height
    off = both.filter((pl.col("ours") - pl.col("value_number")).abs() > 5e-4)
    # Germany, the sixth country, is larger than the third that the publisher took.
    assert off.select("edition", "published_commodity", "reference_year").sort(pl.all()).rows() == [
        ("GCMO2024", "Graphite", 2023),
        ("GCMO2025", "Graphite", 2030),
        ("GCMO2025", "Graphite", 2035),
    ]
    assert (off["ours"] > off["value_number"]).all()


def test_demand_adds_up(iea_lake: Tables) -> None:
    demand = iea_lake["demand"]
    keys = ["edition", "scenario", "mineral_id", "reference_year"]
    kind = {
        name: pl.col("quantity_tonnes").filter(pl.col("use_kind") == name).sum()
        for name in ("technology", "subtotal", "other", "total")
    }
    sums = demand.group_by(keys).agg(**kind)
    assert sums.height == 2 * 6 * 16
    # Six digits are printed in the workbook.
    assert (((sums["subtotal"] + sums["other"]) / sums["total"] - 1).abs() < 1e-5).all()
    apart = sums.filter((pl.col("technology") / pl.col("subtotal") - 1).abs() > 1e-4)
    # Found in the 2025 conversion, see README; the workbook of 2024 adds up.
    assert apart.select("edition", "mineral_id").unique().sort("mineral_id").rows() == [
        ("GCMO2025", "copper"),
        ("GCMO2025", "graphite"),
    ]
    assert apart.filter(pl.col("mineral_id") == "graphite")["scenario"].unique().to_list() == [
        "NZE"
    ]


def test_zeros_are_the_publishers_zeros(iea_lake: Tables) -> None:
    production = iea_lake["production"]
    zeros = production.filter(pl.col("quantity_tonnes") == 0)
    assert set(zeros["published_value"]) == {"0", "0.0"}
    assert zeros.select("edition", "mineral_id", "stage", "country_iso3").sort(pl.all()).rows() == [
        ("GCMO2024", "cobalt", "refined", "IDN"),
        ("GCMO2024", "graphite", "refined", "SWE"),
        ("GCMO2024", "graphite_natural", "mine", "TZA"),
        ("GCMO2024", "rare_earths", "refined", "AUS"),
        ("GCMO2025", "graphite", "refined", "CAN"),
        ("GCMO2025", "graphite", "refined", "DEU"),
        ("GCMO2025", "graphite", "refined", "SWE"),
        ("GCMO2025", "rare_earths", "refined", "AUS"),
    ]


def test_each_figure_says_how_it_was_made(iea_lake: Tables) -> None:
    for table in ("production", "supply_outlook", "demand"):
        made = iea_lake[table].select("edition", "derivation").unique().sort("edition").rows()
        assert made == [("GCMO2024", "as_published"), ("GCMO2025", "converted")]
        assert iea_lake[table]["published_unit"].unique().to_list() == ["kt"]
    assert not iea_lake["production"]["is_estimated"].any()
    assert iea_lake["supply_outlook"]["is_estimated"].all()
    assert iea_lake["production"]["excluded_producers"].null_count() == 170
    base = pl.col("scenario") == "base_year"
    demand = iea_lake["demand"]
    assert not demand.filter(base)["is_estimated"].any()
    assert demand.filter(~base)["is_estimated"].all()
    assert set(demand.filter(base)["reference_year"]) == {2023, 2024}


def test_rare_earths_never_meet_those_of_usgs(iea_lake: Tables) -> None:
    """Four elements on a basis that is not said can't be put beside all oxides."""
    ours = iea_lake["production"].filter(pl.col("mineral_id") == "rare_earths")
    assert ours["form"].unique().to_list() == ["magnet_elements"]
    assert ours["basis"].unique().to_list() == ["magnet_elements_as_reported"]
    series = [path.read_text(encoding="utf-8") for path in MAPPINGS_OF_USGS.glob("*.csv")]
    assert any("oxide_equivalent" in text for text in series)
    assert not any("magnet_elements" in text for text in series)


def test_records_add_up_in_both_files(iea_lake: Tables) -> None:
    used = [iea_lake[table] for table in ("production", "supply_outlook", "demand")]
    outcome = records_are_accounted_for(used, iea_lake["not_used"], iea_lake["file_rows"])
    assert outcome.passed, outcome.offenders
    assert outcome.numbers["records_in"] == 416 + 296


def test_the_bounds_of_the_source_hold(iea_lake: Tables) -> None:
    """Base years do not overlap, so magnitude shows in the outlook, where both editions have 2030."""
    coverage = keeps_coverage(
        iea_lake["production"].with_columns(reference_year=pl.lit(0, pl.Int32)), SOURCE
    )
    assert coverage.passed, coverage.offenders
    magnitude = keeps_magnitude(iea_lake["supply_outlook"], SOURCE)
    assert magnitude.numbers["compared"] == 12 * 3
    assert magnitude.numbers["worst_fold"] < SOURCE.bounds.magnitude_ratio_stop
    # Battery-grade graphite of 2035 and 2040 was revised down by two fifths: a warning, and right.
    assert {(row["mineral_id"], row["reference_year"]) for row in magnitude.offenders} == {
        ("graphite", 2035),
        ("graphite", 2040),
    }
