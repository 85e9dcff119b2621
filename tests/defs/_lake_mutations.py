"""How a lake table is spoiled, by the check that must see it."""

from collections.abc import Callable

import dataframely as dy
import polars as pl

from sources.un_comtrade.tidy import TORN_TOTAL

Change = Callable[[pl.DataFrame], pl.DataFrame]
SERIES = ["mineral_id", "stage", "form", "basis"]
WITHHELD_FIGURE = "a figure with a withheld status"


def _first(condition: pl.Expr) -> pl.Expr:
    """The first row of which the condition holds."""
    return condition & (condition.cum_sum() == 1)


def _a_month_times_1000(frame: pl.DataFrame) -> pl.DataFrame:
    """A month of sixteen lines, and the next one in thousands."""
    lines = pl.DataFrame({"_line": [f"{number:02d}" for number in range(16)]})
    first = (
        frame.head(1)
        .join(lines, how="cross")
        .with_columns(
            hs_code=pl.col("hs6") + pl.col("_line"),
            source_row_id=pl.col("source_row_id") + pl.col("_line"),
            reference_month=pl.lit(1, pl.Int32),
        )
        .drop("_line")
    )
    second = first.with_columns(
        pl.col("source_row_id") + "b", pl.col("value") * 1000, reference_month=pl.lit(2, pl.Int32)
    )
    return pl.concat([first, second])


def _a_key_without_a_value(frame: pl.DataFrame) -> pl.DataFrame:
    """The first column is a source or a key: none may be null."""
    name = frame.columns[0]
    spoiled = pl.when(pl.int_range(pl.len()) == 0).then(None).otherwise(pl.col(name))
    return frame.with_columns(spoiled.alias(name))


def status_changes(schema: type[dy.Schema]) -> dict[str, Change]:
    """Of a table whose rows carry a status; where they carry figures too, these belong to their status."""

    def changed(row: pl.Expr, status: str) -> Change:
        spoiled = pl.when(_first(row)).then(pl.lit(status)).otherwise("value_status")
        return lambda frame: frame.with_columns(value_status=spoiled)

    changes = {
        "a status out of the vocabulary": changed(pl.col("value_status").is_not_null(), "secret")
    }
    has_figures = pl.Float64 in dict(schema.create_empty().schema).values()
    if has_figures:
        numeric = pl.col("value_status") == "numeric"
        changes[WITHHELD_FIGURE] = changed(numeric, "withheld")
    return changes


def quantity_changes(quantity: str) -> dict[str, Change]:
    """Of a table whose quantities carry a status of their own, in the column `quantity`."""

    def changed(status: str) -> Change:
        given = _first(pl.col(quantity).is_not_null())
        spoiled = pl.when(given).then(pl.lit(status)).otherwise("quantity_status")
        return lambda frame: frame.with_columns(quantity_status=spoiled)

    return {
        "a quantity that is not available": changed("not_available"),
        "a quantity's status out of the vocabulary": changed("secret"),
    }


def _of_two_editions(frame: pl.DataFrame) -> pl.DataFrame:
    """The table; of a source with one edition, with the same figures as of a year before."""
    if frame["edition"].n_unique() > 1:
        return frame
    before = frame.with_columns(
        edition=pl.lit("BEFORE"), released_on=pl.col("released_on").dt.offset_by("-1y")
    )
    return pl.concat([before, frame])


def _editions(frame: pl.DataFrame) -> tuple[str, str]:
    """The edition before the newest, and the newest."""
    ordered = frame.select("edition", "released_on").unique().sort("released_on")["edition"]
    return ordered[-2], ordered[-1]


def _series_of_both(frame: pl.DataFrame, *more: str) -> pl.DataFrame:
    """Series with a positive figure in the last two editions (in the same year, with `more`)."""
    before, newest = _editions(frame)
    key = [*SERIES, *more]
    figures = frame.filter(pl.col("quantity_tonnes") > 0)
    of = [figures.filter(pl.col("edition") == edition) for edition in (before, newest)]
    return of[0].select(key).unique().join(of[1].select(key).unique(), on=key).sort(key)


def _times_1000(frame: pl.DataFrame, chosen: pl.DataFrame) -> pl.DataFrame:
    """The newest edition's quantities of the chosen rows, a factor of 1,000 too large."""
    _, newest = _editions(frame)
    marked = frame.join(
        chosen.with_columns(edition=pl.lit(newest), is_chosen=True),
        on=[*chosen.columns, "edition"],
        how="left",
    )
    spoiled = pl.when("is_chosen").then(pl.col("quantity_tonnes") * 1000)
    return marked.with_columns(quantity_tonnes=spoiled.otherwise("quantity_tonnes")).select(
        frame.columns
    )


def _a_series_times_1000(frame: pl.DataFrame) -> pl.DataFrame:
    frame = _of_two_editions(frame)
    same_year = _series_of_both(frame, "reference_year")
    if same_year.height:
        return _times_1000(frame, same_year.select(SERIES).head(1))
    # A series without a year in both editions is compared by the newest year of each.
    return _times_1000(frame, _series_of_both(frame).head(1))


def _the_newest_year_times_1000(frame: pl.DataFrame) -> pl.DataFrame:
    frame = _of_two_editions(frame)
    _, newest = _editions(frame)
    figures = frame.filter((pl.col("edition") == newest) & (pl.col("quantity_tonnes") > 0))
    years = figures.select(*SERIES, "reference_year").unique()
    later = years.join(
        years.with_columns(pl.col("reference_year") + 1), on=[*SERIES, "reference_year"]
    )
    last = later.filter(pl.col("reference_year") == frame["reference_year"].max())
    if last.is_empty():
        # An edition of one year is asked nothing: it is given the year before, in another unit.
        one_series = figures.join(
            years.sort(SERIES).head(1), on=[*SERIES, "reference_year"], how="semi"
        )
        before = one_series.with_columns(
            pl.col("reference_year") - 1, pl.col("quantity_tonnes") / 1000
        )
        return pl.concat([frame, before])
    return _times_1000(frame, last.sort(SERIES).head(1))


def _without_a_quarter_of_the_series(frame: pl.DataFrame) -> pl.DataFrame:
    frame = _of_two_editions(frame)
    _, newest = _editions(frame)
    series = _series_of_both(frame)
    lost = series.head(series.height // 4 + 1).with_columns(edition=pl.lit(newest))
    return frame.join(lost, on=["edition", *SERIES], how="anti")


def _a_dollar_more(frame: pl.DataFrame) -> pl.DataFrame:
    is_last = pl.int_range(pl.len()) == pl.len() - 1
    return frame.with_columns(pl.col("value_usd") + is_last.cast(pl.Int64))


def _without_a_line_in_a_year(frame: pl.DataFrame) -> pl.DataFrame:
    lost = (pl.col("hs6") == "283691") & (pl.col("reference_year") == 2010)
    return frame.filter(~(lost & (pl.col("series_id") == "hs92")))


def _the_largest_reporter_silent(frame: pl.DataFrame) -> pl.DataFrame:
    """The year before had a reporter of nine times the value, who says nothing this year."""
    before = frame.with_columns(pl.col("reference_year") - 1)
    silent = before.with_columns(pl.col("value_usd") * 9, reporter_iso3=pl.lit("JPN"))
    return pl.concat([frame, before, silent])


def _months_times_100(frame: pl.DataFrame) -> pl.DataFrame:
    is_part = pl.col("period_kind") == "year_to_date"
    spoiled = pl.when(is_part).then(pl.col("value_usd") * 100).otherwise("value_usd")
    return frame.with_columns(value_usd=spoiled)


def _the_leaders_output_times_1000(frame: pl.DataFrame) -> pl.DataFrame:
    leads = pl.col("measure") == "leading_country_production"
    return frame.with_columns(value=pl.when(leads).then(pl.col("value") * 1000).otherwise("value"))


def _totals_times_1000(frame: pl.DataFrame) -> pl.DataFrame:
    spoiled = pl.when(pl.col("use_kind") == "total").then(pl.col("quantity_tonnes") * 1000)
    return frame.with_columns(quantity_tonnes=spoiled.otherwise("quantity_tonnes"))


def _without_half_of_the_flows_of_a_series(frame: pl.DataFrame) -> pl.DataFrame:
    second = pl.int_range(pl.len()) % 2 == 1
    return frame.filter((pl.col("series_id") != "hs17_2024") | second)


LAKE_CHANGES: dict[str, dict[str, Change]] = {
    "rows_satisfy_schema": {
        "a column too many": lambda frame: frame.with_columns(stray=pl.lit(1)),
        "a key twice": lambda frame: pl.concat([frame, frame.head(1)]),
        "a key without a value": _a_key_without_a_value,
    },
    "records_are_accounted_for": {"a record that is not used is gone": lambda frame: frame[1:]},
    "rows_add_up_by_file": {
        "a file's account is gone": lambda frame: frame[1:],
        "a row in that went nowhere": lambda frame: frame.with_columns(pl.col("rows_in") + 1),
    },
    "line_totals_are_those_of_the_files": {
        "a dollar more": _a_dollar_more,
        "a flow is gone": lambda frame: frame[1:],
    },
    "series_agree_on_flows_and_value": {
        "half of the flows of a series are gone": _without_half_of_the_flows_of_a_series
    },
    "table_7_agrees_with_salient": {
        "the leaders' output times 1000": _the_leaders_output_times_1000
    },
    "newest_year_is_estimated": {
        "no figure is marked": lambda frame: frame.with_columns(is_estimated=pl.lit(value=False))
    },
    "uses_add_up_to_their_total": {"the totals times 1000": _totals_times_1000},
    "figures_look_as_usual": {
        "one row, twice, is left": lambda frame: pl.concat([frame.head(1)] * 2)
    },
    "expected_lines_are_there": {"a line without a year": _without_a_line_in_a_year},
    "months_lie_within_their_year": {"the months of a year times 100": _months_times_100},
    "reporters_cover_trade": {
        "the largest reporter declares nothing": _the_largest_reporter_silent
    },
    "months_are_alike": {"a month times 1000": _a_month_times_1000},
    "partners_add_up_to_the_world": {
        "no line's partners do": lambda frame: frame.with_columns(
            not_used_reason=pl.lit(TORN_TOTAL)
        )
    },
    "figures_keep_their_magnitude": {"a series times 1000": _a_series_times_1000},
    "newest_year_keeps_its_magnitude": {"the newest year times 1000": _the_newest_year_times_1000},
    "edition_keeps_its_coverage": {
        "a quarter of the series is gone": _without_a_quarter_of_the_series
    },
}
