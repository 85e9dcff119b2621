"""Checks of this source's tables alone; the common ones are in `sources.reading.checks`."""

import polars as pl

from sources.reading.checks import LakeCheck, Outcome, stop_on
from sources.reading.open_file import Tables
from sources.reference.labels import reference_list

LINE = ["edition", "series_id", "reference_year", "hs6"]
# The series of 2017 has 99.9% of the flows and 100.1% of the value of 2024; series of the largest partners 75% to 83%
# of the flows and 90% to 99.9% of the value.
MOST_OF_WHOLE, LEAST_OF_LARGEST = 1.1, 0.65


def rows_add_up(tables: Tables) -> Outcome:
    """Rows in = rows kept + rows not used, by file; and both are those of the account by line."""
    series = ["edition", "series_id"]
    by_file = tables["file_account"].with_columns(
        pl.col("rows_in", "rows_kept", "rows_not_used").cast(pl.Int64)
    )
    rows = pl.col("rows").cast(pl.Int64)
    by_line = (
        tables["line_account"]
        .group_by(series)
        .agg(used=rows.filter("is_used").sum(), not_used=rows.filter(~pl.col("is_used")).sum())
    )
    by_series = (
        by_file.group_by(series)
        .agg(pl.col("rows_in", "rows_kept", "rows_not_used").sum())
        .join(by_line, on=series, how="full", coalesce=True)
        .fill_null(0)
        .with_columns(
            missing=(pl.col("rows_in") - pl.col("rows_kept") - pl.col("rows_not_used")).abs()
            + (pl.col("rows_kept") - pl.col("used")).abs()
            + (pl.col("rows_not_used") - pl.col("not_used")).abs()
        )
        .sort(series)
    )
    off = by_series.filter(pl.col("missing") != 0)
    return stop_on(
        off,
        "rows in = kept + not used, by file and by line",
        f"{off.height} of {by_series.height} series do not add up",
        {
            "rows_in": float(by_series["rows_in"].sum()),
            "rows_kept": float(by_series["rows_kept"].sum()),
            "rows_unaccounted": float(by_series["missing"].sum()),
        },
    )


def line_totals_are_kept(tables: Tables) -> Outcome:
    """Rows and value of each line, series and year are those counted when the files were read."""
    found = (
        tables["trade"]
        .group_by(LINE)
        .agg(rows_found=pl.len().cast(pl.Int64), usd_found=pl.col("value_usd").sum())
    )
    counted = (
        tables["line_account"]
        .filter("is_used")
        .select(*LINE, pl.col("rows").cast(pl.Int64), "value_usd")
    )
    both = found.join(counted, on=LINE, how="full", coalesce=True).with_columns(
        usd_off=(pl.col("usd_found").fill_null(0) - pl.col("value_usd").fill_null(0)).abs()
    )
    off = both.filter(
        (pl.col("usd_off") != 0) | ~pl.col("rows_found").eq_missing(pl.col("rows"))
    ).sort("usd_off", *LINE, descending=[True, *[False] * len(LINE)])
    return stop_on(
        off,
        "rows and value of each line, series and year as counted in the files",
        f"{off.height} of {both.height} line totals differ",
        {"line_totals": float(both.height), "usd_off": float(both["usd_off"].sum())},
    )


def expected_lines() -> pl.DataFrame:
    """Lines, series and years that `reference/hs_lines.csv` says we hold. Grain: series, HS6, year."""
    return (
        reference_list("hs_lines")
        .select(
            pl.col("data_held").alias("series_id"),
            "hs6",
            pl.int_ranges(
                pl.col("data_from_year").cast(pl.Int32), pl.col("data_to_year").cast(pl.Int32) + 1
            ).alias("reference_year"),
        )
        .filter(pl.col("series_id").is_in(["hs92", "hs17_2024"]))
        .explode("reference_year")
        .with_columns(pl.col("reference_year").cast(pl.Int32))
        .unique()
        .sort("series_id", "hs6", "reference_year")
    )


def expected_lines_are_there(tables: Tables) -> Outcome:
    """Every line that our list says BACI holds has rows in each of its years, in the newest release."""
    newest = tables["series"]["edition"].max()
    there = tables["trade"].filter(pl.col("edition") == newest).select(*LINE[1:]).unique()
    expected = expected_lines()
    lacking = expected.join(there, on=LINE[1:], how="anti").sort(LINE[1:])
    return stop_on(
        lacking,
        "rows for each line and year that reference/hs_lines.csv says BACI holds",
        f"{lacking.height} of {expected.height} lines and years without a row",
        {"expected": float(expected.height), "lacking": float(lacking.height)},
    )


def series_agree(tables: Tables) -> Outcome:
    """Flows and value of a year in a series, over those of the whole series of 1992 on the same lines.

    Half of a file is missed here, which its own account can't miss. Countries' series are left out.
    """
    whole = pl.col("series_id") == "hs92"
    sums = tables["trade"].group_by(LINE).agg(flows=pl.len(), usd=pl.col("value_usd").sum())
    kinds = tables["series"].filter(~pl.col("is_partial_partners"))
    beside = (
        sums.filter(~whole)
        .join(kinds.select("edition", "series_id", "is_truncated_release"), on=LINE[:2])
        .join(sums.filter(whole).drop("series_id"), on=[LINE[0], *LINE[2:]], suffix="_whole")
        .group_by(*LINE[:3], "is_truncated_release")
        .agg(
            flows_share=pl.col("flows").sum() / pl.col("flows_whole").sum(),
            value_share=pl.col("usd").sum() / pl.col("usd_whole").sum(),
        )
        .sort(LINE[:3])
    )
    least = pl.when("is_truncated_release").then(LEAST_OF_LARGEST).otherwise(1 / MOST_OF_WHOLE)
    off = beside.filter(
        (pl.min_horizontal("flows_share", "value_share") < least)
        | (pl.max_horizontal("flows_share", "value_share") > MOST_OF_WHOLE)
    )
    return stop_on(
        off,
        f"as many flows and dollars as in hs92, within {MOST_OF_WHOLE - 1:.0%}; of the largest partners "
        f"{LEAST_OF_LARGEST:.0%} at least",
        f"{off.height} of {beside.height} series and years differ",
        {"series_and_years": float(beside.height), "off": float(off.height)},
    )


CHECKS = (
    LakeCheck(
        "trade",
        "series_agree_on_flows_and_value",
        "A series has as many flows and as much value a year as the series of 1992 on the same lines.",
        series_agree,
    ),
    LakeCheck(
        "file_account",
        "rows_add_up_by_file",
        "Rows in = rows kept + rows not used, by file, and both as the account by line has them.",
        rows_add_up,
    ),
    LakeCheck(
        "trade",
        "line_totals_are_those_of_the_files",
        "Rows and value of each line, series and year are those counted when the files were read.",
        line_totals_are_kept,
    ),
    LakeCheck(
        "trade",
        "expected_lines_are_there",
        "Each line that reference/hs_lines.csv says BACI holds has rows in each of its years.",
        expected_lines_are_there,
    ),
)
