"""Wrong figures of an only edition are seen: what earlier passed with no warning is stopped or told, real files are not."""

from collections.abc import Callable
from functools import cache

import polars as pl
import pytest

from sources.editions.comparison import compare
from sources.reading.catalog import Range, load_source
from sources.reading.checks import Outcome
from sources.reading.input import Input
from sources.reading.lake_checks import checks_of
from sources.reading.open_file import Tables
from sources.reading.published import read_published
from sources.registry import all_sources, reader_of

Change = Callable[[pl.DataFrame], pl.DataFrame]
SHIPPED = [source.source_id for source in all_sources() if source.redistributable]


@cache
def lake(source_id: str) -> Tables:
    source, reader = load_source(source_id), reader_of(source_id)
    return reader.tidy(read_published(reader, source, Input.EMBEDDED, None), source)


def failing(source_id: str, table: str, changed: pl.DataFrame) -> dict[str, Outcome]:
    """Checks of the source that do not pass with this table, by name."""
    tables = {**lake(source_id), table: changed}
    asked = [
        check
        for check in checks_of(reader_of(source_id), load_source(source_id))
        if check.table == table and check.name != "rows_satisfy_schema"
    ]
    outcomes = {check.name: check.run(tables) for check in asked}
    return {name: outcome for name, outcome in outcomes.items() if not outcome.passed}


@pytest.mark.parametrize("source_id", SHIPPED)
def test_real_figures_pass_without_a_warning(source_id: str) -> None:
    wrong = {table: failing(source_id, table, frame) for table, frame in lake(source_id).items()}
    assert not any(wrong.values()), wrong


def times(column: str, factor: float, rows: pl.Expr | None = None) -> Change:
    chosen = pl.lit(value=True) if rows is None else rows
    spoiled = (pl.col(column) * factor).cast(pl.Float64)
    return lambda frame: frame.with_columns(
        pl.when(chosen).then(spoiled).otherwise(pl.col(column)).cast(frame.schema[column])
    )


def shifted(column: str, rows: pl.Expr) -> Change:
    """The figures of these rows stand a row too low."""
    return lambda frame: frame.with_columns(
        pl.when(rows).then(pl.col(column).shift().over(rows)).otherwise(column).alias(column)
    )


def years_swapped(frame: pl.DataFrame) -> pl.DataFrame:
    years = {2000: 2024, 2024: 2000}
    return frame.with_columns(pl.col("reference_year").replace(years))


def half(rows: pl.Expr) -> Change:
    """Every second of these rows is gone."""
    return lambda frame: frame.filter(~rows | (pl.int_range(pl.len()) % 2 == 1))


YEAR = pl.col("reference_year")
ONE_CELL = (pl.col("mineral_id") == "cobalt") & (pl.col("country_iso3") == "COD") & (
    pl.col("edition") == "GCMO2025"
)  # fmt: skip
SECOND = pl.col("measure") == "second_quantity"
WORLD_OUTPUT = pl.col("measure") == "world_production"
# Source, table, what is wrong with it, and whether it stops. Each was once published with no warning.
WRONG: dict[str, tuple[str, str, Change, bool]] = {
    "WGI: two years swapped": ("world_bank_wgi", "governance", years_swapped, True),
    "WGI: a year shifted by a row": ("world_bank_wgi", "governance", shifted("estimate", YEAR == 2024), True),
    "WGI: half of the rows": ("world_bank_wgi", "governance", half(pl.lit(value=True)), False),
    "WGI: a year's sign": ("world_bank_wgi", "governance", times("estimate", -1, YEAR == 2009), True),
    "Comext: halved": ("eurostat_comext", "cn8_import", times("value_eur", 0.5), False),
    "Comext: zero": ("eurostat_comext", "cn8_import", times("value_eur", 0), True),
    "Comext: times 10^8": ("eurostat_comext", "cn8_import", times("value_eur", 1e8), True),
    "Comext: a year halved": ("eurostat_comext", "cn8_import", times("value_eur", 0.5, YEAR == 2024), False),
    "Comext: shifted by a row": ("eurostat_comext", "cn8_import", shifted("value_eur", pl.lit(value=True)), True),
    "Comext: a member without its newest year": ("eurostat_comext", "cn8_import", lambda frame: frame.filter((YEAR < 2024) | (pl.col("reporter_iso3") != "MLT")), True),
    "IEA: a cell of output times 1000": ("iea_critical_minerals", "production", times("quantity_tonnes", 1000, ONE_CELL), True),
    "IEA: a cell of the outlook times 1000": ("iea_critical_minerals", "supply_outlook", times("quantity_tonnes", 1000, ONE_CELL), True),
    "IEA: a subtotal times 1000": ("iea_critical_minerals", "demand", times("quantity_tonnes", 1000, pl.col("use_kind") == "subtotal"), True),
    "T7: a column times 1000": ("usgs_mcs_us", "critical_mineral_t7", times("value", 1000, WORLD_OUTPUT), True),
    "T7: a cell times 1000": ("usgs_mcs_us", "critical_mineral_t7", times("value", 1000, WORLD_OUTPUT & (pl.col("published_mineral") == "Tin")), True),
    "T7: consumption beside salient": ("usgs_mcs_us", "critical_mineral_t7", times("value", 2, (pl.col("measure") == "apparent_consumption") & (pl.col("published_mineral") == "Cobalt")), True),
    "BACI: half of a year": ("cepii_baci", "trade", half((pl.col("series_id") == "hs92") & (YEAR == 2010)), True),
    "BACI: half of a file": ("cepii_baci", "trade", half(pl.col("series_id") == "hs17_2024"), True),
    "MCS 2026: all zero": ("usgs_mcs", "production", times("quantity_tonnes", 0, pl.col("edition") == "MCS2026"), True),
    "MCS 2026: reserves times 1000": ("usgs_mcs", "reserve", times("quantity_tonnes", 1000, pl.col("edition") == "MCS2026"), True),
    "EU study: shares doubled": ("eu_crm", "supply_share", times("supply_share", 2), False),
    "Pink Sheet: a month times 1000": ("world_bank_pink_sheet", "commodity_price", times("price_usd_per_tonne", 1000, (YEAR == 2025) & (pl.col("reference_month") == 6)), True),
    "DataWeb: dollars times 1000": ("usitc_dataweb", "us_trade", times("value_usd", 1000), True),
    "DataWeb: second quantities times 1000": ("usitc_dataweb", "us_trade", times("quantity", 1000, SECOND), True),
    "Outlook: a world total zero": ("usgs_outlook", "production", times("quantity_tonnes", 0, (pl.col("geography_kind") == "world") & (YEAR == 2022)), True),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_table_is_told_or_stopped(case: str) -> None:
    source_id, table, change, stops = WRONG[case]
    wrong = failing(source_id, table, change(lake(source_id)[table]))
    assert wrong, "nobody says a word"
    assert any(outcome.severity == "stop" for outcome in wrong.values()) == stops, wrong
    assert all(outcome.offenders for outcome in wrong.values()), "where it is wrong is told"


def repeated(
    source_id: str, table: str, column: str, period: str, *, back: int = 1, changed: int = 0
) -> pl.DataFrame:
    """The newest period's figures are those of a period before, but for each `changed`-th of them."""
    frame, schema = lake(source_id)[table], reader_of(source_id).lake[table]
    key = [name for name in schema.primary_key() if name != period]
    periods = frame[period].unique().sort().to_list()
    newest, before = periods[-1], periods[-1 - back]
    copied = frame.filter(pl.col(period) == before).select(
        *key, pl.lit(newest).cast(frame.schema[period]).alias(period), _copied=pl.col(column)
    )
    joined = frame.join(copied, on=[*key, period], how="left", nulls_equal=True)
    is_kept = pl.int_range(pl.len()) % changed == 0 if changed else pl.lit(value=False)
    figure = pl.when(is_kept).then(column).otherwise(pl.coalesce("_copied", column))
    return joined.with_columns(figure.alias(column)).drop("_copied")


@pytest.mark.parametrize(
    ("source_id", "table", "column", "period", "back"),
    [
        ("eurostat_comext", "cn8_import", "value_eur", "reference_year", 1),
        ("cepii_baci", "trade", "value_usd", "reference_year", 1),
        ("world_bank_wgi", "governance", "estimate", "reference_year", 1),
        ("world_bank_pink_sheet", "commodity_price", "price_usd_per_tonne", "price_month", 1),
        # Sheets go wrong by a year, too.
        ("world_bank_pink_sheet", "commodity_price", "price_usd_per_tonne", "price_month", 12),
        ("usgs_outlook", "production", "quantity_tonnes", "reference_year", 1),
        ("usgs_mcs_us", "us_supply", "quantity_tonnes", "reference_year", 1),
        ("usgs_mcs_us", "unit_value", "value_usd_per_tonne", "reference_year", 1),
        ("usgs_mcs_us", "net_import_reliance", "net_import_reliance_share", "reference_year", 1),
        ("usitc_dataweb", "us_trade", "value_usd", "reference_year", 1),
    ],
)
def test_a_newest_period_that_repeats_one_before_is_stopped(
    source_id: str, table: str, column: str, period: str, back: int
) -> None:
    spoiled = repeated(source_id, table, column, period, back=back)
    outcome = failing(source_id, table, spoiled)["figures_look_as_usual"]
    assert outcome.severity == "stop"
    assert "repeat" in outcome.got
    first = outcome.offenders[0]
    assert first["beyond"] == float("inf")
    newest = lake(source_id)[table][period].unique().sort()
    assert (first["period"], first["repeats"]) == (newest[-1], newest[-1 - back])


def test_from_which_share_on_a_repeated_period_is_stopped() -> None:
    """By hand: of figures of which each second, or each tenth, is another, half and nine tenths are repeated."""
    for changed, stops in ((2, False), (10, True)):
        spoiled = repeated("cepii_baci", "trade", "value_usd", "reference_year", changed=changed)
        wrong = failing("cepii_baci", "trade", spoiled).get("figures_look_as_usual")
        said = "" if wrong is None else wrong.got
        assert ("repeat" in said) == stops


@pytest.mark.parametrize(
    # Figures of 2025 in the book of 2026: NIR 36, prices 89, supply 92.
    ("table", "figures"),
    [("net_import_reliance", 36), ("unit_value", 89), ("us_supply", 92)],
)
def test_notes_of_estimates_that_are_worded_anew_are_stopped(table: str, figures: int) -> None:
    """`e/` for `Estimated.`: every figure of the newest year would be told as counted."""
    newest = (pl.col("edition") == "MCS2026") & (YEAR == 2025)
    unmarked = lake("usgs_mcs_us")[table].with_columns(
        is_estimated=pl.col("is_estimated") & ~newest
    )
    outcome = failing("usgs_mcs_us", table, unmarked)["newest_year_is_estimated"]
    assert outcome.severity == "stop"
    assert outcome.got == f"0 of {figures} figures of {table} of 2025 in MCS2026"
    assert "sources/usgs_mcs_us/layouts.py" in outcome.expected


def names_swapped(column: str, one: str, other: str, rows: pl.Expr) -> Change:
    swap = pl.col(column).replace({one: other, other: one})
    return lambda frame: frame.with_columns(
        pl.when(rows).then(swap).otherwise(column).alias(column)
    )


@pytest.mark.parametrize(
    ("source_id", "table", "column", "pair", "editions"),
    [
        ("usgs_mcs", "production", "geography_id", ("CHN", "DEU"), ("MCS2024", "MCS2025")),
        (
            "eu_crm",
            "supply_share",
            "material_id",
            ("cobalt", "lithium"),
            ("EUCRM2023", "EUCRM2023"),
        ),
    ],
)
def test_swapped_names_lead_the_list_of_what_moved(
    source_id: str, table: str, column: str, pair: tuple[str, str], editions: tuple[str, str]
) -> None:
    # Beside the edition before; of an only one, beside itself as it is held.
    source, schemas = load_source(source_id), reader_of(source_id).lake
    held = lake(source_id)
    swapped = names_swapped(column, *pair, pl.col("edition") == editions[1])(held[table])
    first = compare(schemas, held, {**held, table: swapped}, editions, source).changes[0]
    assert first["table"] == table
    assert any(name in str(first["what"]).split() for name in pair)
    assert first["before"] != first["after"]


ONE_QUANTITY = (pl.col("measure") == "first_quantity") & (pl.col("hs4") == "7901") & (
    pl.col("partner_iso3") == "CAN"
) & (pl.col("period_kind") == "year") & (YEAR == 1996)  # fmt: skip
ASEAN = pl.col("series_id") == "hs07_asean"


@pytest.mark.parametrize(
    ("source_id", "table", "change", "words"),
    [
        ("usitc_dataweb", "us_trade", times("quantity", 1000, ONE_QUANTITY), ["first_quantity", "7901", "CAN"]),
        ("cepii_baci", "trade", shifted("quantity_tonnes_gross", ASEAN), ["hs07_asean"]),
        (
            "usgs_mcs", "capacity",
            lambda frame: frame.filter((pl.col("edition") != "MCS2025") | (YEAR != 2023)),
            ["2023"],
        ),
    ],
    ids=["a quantity of one unit", "quantities of one series", "a year that is gone"],
)  # fmt: skip
def test_replaced_bytes_list_every_figure_and_every_year(
    source_id: str, table: str, change: Change, words: list[str]
) -> None:
    """Found by the campaign: figures asked of some rows only, and periods without any row, were not compared."""
    source, schemas, held = load_source(source_id), reader_of(source_id).lake, lake(source_id)
    edition = source.editions[0].edition if source_id != "usgs_mcs" else "MCS2025"
    spoiled = {**held, table: change(held[table])}
    changes = compare(schemas, held, spoiled, (edition, edition), source).changes
    assert changes
    assert all(word in str(changes[0]["what"]).split() for word in words)


@pytest.mark.parametrize(
    ("source_id", "table", "gone", "severity", "lack"),
    [
        ("cepii_baci", "trade", pl.col("exporter_iso3") == "COD", "stop", "hs92 282200 COD, hs92 810510 COD"),
        ("cepii_baci", "trade", pl.col("hs6") == "283691", "stop", "283691"),
        ("eurostat_comext", "cn8_import", pl.col("cn8") == "81129289", "warn", "81129289"),
        ("eurostat_comext", "cn8_import", pl.col("partner_iso3") == "CHN", "stop", "81129289 CHN"),
    ],
)  # fmt: skip
def test_a_newest_year_without_a_good_or_its_leading_seller_is_seen(
    source_id: str, table: str, gone: pl.Expr, severity: str, lack: str
) -> None:
    """One may be so, two are a part of the file that lacks: what is left of it is of the usual size."""
    held = lake(source_id)[table]
    newest = YEAR.max() == YEAR
    found = failing(source_id, table, held.filter(~(newest & gone)))["figures_look_as_usual"]
    assert found.severity == severity
    assert any(lack in str(offender.get("lack")) for offender in found.offenders)


@pytest.mark.parametrize(
    ("gone", "severity"), [(["CHN"], "warn"), (["CHN", "COD"], "stop")], ids=["one", "two"]
)
def test_a_newest_year_without_a_country_is_seen(gone: list[str], severity: str) -> None:
    held = lake("world_bank_wgi")["governance"]
    of_newest = (YEAR.max() == YEAR) & pl.col("country_iso3").is_in(gone)
    spoiled = held.with_columns(estimate=pl.when(~of_newest).then("estimate"))
    found = failing("world_bank_wgi", "governance", spoiled)["figures_look_as_usual"]
    assert found.severity == severity
    assert ", ".join(gone) in str(found.offenders[0]["country_iso3"])


@pytest.mark.parametrize(
    "rows", [pl.col("price_month") == pl.date(2020, 5, 1), pl.lit(value=True)], ids=["month", "all"]
)
def test_a_price_times_four_is_seen(rows: pl.Expr) -> None:
    """Of one mineral among ten, in one month or in all: the middle price and the middle step are as before."""
    copper = (pl.col("mineral_id") == "copper") & rows
    held = lake("world_bank_pink_sheet")["commodity_price"]
    spoiled = times("price_usd_per_tonne", 4, copper)(held)
    found = failing("world_bank_pink_sheet", "commodity_price", spoiled)["figures_look_as_usual"]
    assert not found.passed
    assert found.offenders


def test_months_so_far_are_compared_with_as_many_months() -> None:
    """January to June is no revision of January to April, nor are the four months lost."""
    source, schemas, held = (
        load_source("usitc_dataweb"),
        reader_of("usitc_dataweb").lake,
        lake("usitc_dataweb"),
    )
    edition, to_date = source.editions[0].edition, pl.col("period_kind") == "year_to_date"
    later = held["us_trade"].with_columns(
        edition=pl.lit("USITC2026-09"),
        period_months=pl.when(to_date).then(6).otherwise("period_months").cast(pl.Int32),
        value_usd=pl.when(to_date).then(pl.col("value_usd") * 1.5).otherwise("value_usd"),
    )

    def compared(new: pl.DataFrame) -> list[dict[str, object]]:
        after = {**held, "us_trade": pl.concat([held["us_trade"], new])}
        return compare(schemas, held, after, (edition, "USITC2026-09"), source).changes

    assert compared(later) == []
    # The same months are compared.
    assert compared(later.with_columns(period_months=held["us_trade"]["period_months"])) != []


REVERSED = pl.col("import_share").reverse().over("mineral_id", "form")


@pytest.mark.parametrize("is_replaced", [False, True])
def test_shares_of_another_window_are_compared(*, is_replaced: bool) -> None:
    """A book tells of 2021 to 2024, the next of 2022 to 2025: a share reversed among partners is seen."""
    source, schemas, held = (
        load_source("usgs_mcs_us"),
        reader_of("usgs_mcs_us").lake,
        lake("usgs_mcs_us"),
    )
    table, name = held["us_import_source"], "MCS2026" if is_replaced else "MCS2027"
    years = 0 if is_replaced else 1
    later = table.with_columns(pl.col("period_from", "period_to") + years, edition=pl.lit(name))

    def compared(new: pl.DataFrame) -> tuple[Outcome, list[dict[str, object]]]:
        both = new if is_replaced else pl.concat([table, new])
        after = {**held, "us_import_source": both}
        told = compare(schemas, held, after, ("MCS2026", name), source)
        changes = [change for change in told.changes if change["table"] == "us_import_source"]
        return told.outcomes["us_import_source: magnitude"], changes

    # 462 shares, as source.yml says.
    same, changes = compared(later)
    assert (same.got, changes) == ("1.000-fold in the middle of 462 figures", [])
    turned, changes = compared(later.with_columns(import_share=REVERSED))
    assert not turned.passed
    assert any(change["before"] and change["after"] for change in changes)


@pytest.mark.parametrize("years", [-1, 1])
def test_an_edition_whose_years_were_moved_is_stopped(years: int) -> None:
    """Every header one year off, with revisions in the middle: only the edition before can tell."""
    source, schemas, held = (
        load_source("eurostat_comext"),
        reader_of("eurostat_comext").lake,
        lake("eurostat_comext"),
    )
    edition, table = source.editions[0].edition, held["cn8_import"]
    moved = table.with_columns(
        edition=pl.lit("COMEXT2025"),
        reference_year=(YEAR + years).cast(table["reference_year"].dtype),
    )
    later = {**held, "cn8_import": pl.concat([table, moved])}
    outcomes = compare(schemas, held, later, (edition, "COMEXT2025"), source).outcomes
    [stopped] = [outcome for name, outcome in outcomes.items() if name == "cn8_import: periods"]
    assert (stopped.passed, stopped.severity) == (False, "stop")
    assert f"{2024 + years} has 1.00 of the" in stopped.got
    assert f"figures of 2024 in {edition}" in stopped.got
    # Those of the same years are as they should be.
    same = {
        **held,
        "cn8_import": pl.concat(
            [table, moved.with_columns(reference_year=table["reference_year"])]
        ),
    }
    outcomes = compare(schemas, held, same, (edition, "COMEXT2025"), source).outcomes
    assert outcomes["cn8_import: periods"].passed


def test_how_far_a_value_lies_beyond_a_range() -> None:
    # By hand: 30 is three times 10; 2 goes five times into 10; at the ends nothing is beyond.
    both, below_zero = Range(low=10, high=10), Range(low=-0.1, high=0.1)
    assert [both.times_beyond(value) for value in (30, 2, 10, 0)] == [3, 5, 0, float("inf")]
    assert below_zero.times_beyond(-0.2) == 2
    assert Range(high=0).times_beyond(1) == float("inf")
