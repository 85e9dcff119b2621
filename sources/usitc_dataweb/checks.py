"""What this source's lake is checked for beside the common checks."""

import polars as pl

from sources.reading.checks import LakeCheck, Outcome, stop_on

KEY = ["edition", "flow", "hs4", "partner_iso3", "quantity_description", "reference_year"]


def months_within_their_year(tables: dict[str, pl.DataFrame]) -> Outcome:
    """The months of a year to date are worth no more than the year that they belong to."""
    values = tables["us_trade"].filter(pl.col("measure") == "value")
    years = values.filter(pl.col("period_kind") == "year").select(*KEY, year_usd="value_usd")
    beyond = (
        values.filter(pl.col("period_kind") == "year_to_date")
        .join(years, on=KEY, how="inner", validate="1:1")
        .filter(pl.col("value_usd") > pl.col("year_usd"))
        .select(*KEY, "value_usd", "year_usd")
    )
    return stop_on(
        beyond,
        "January to a month of a year: at most the whole year",
        f"{beyond.height} values above those of their year",
        {"values_above_their_year": float(beyond.height)},
    )


CHECKS = (
    LakeCheck(
        "us_trade",
        "months_lie_within_their_year",
        "The months of a year to date are worth no more than their whole year.",
        months_within_their_year,
    ),
)
