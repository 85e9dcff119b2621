"""Rules over several columns that schemas share; each is given a name where it stands."""

from typing import Any

import dataframely as dy
import polars as pl

from sources.reading.vocabulary import WITH_FIGURE


def figure_where_published(*figures: str, status: str = "value_status") -> Any:
    """Rule: each of these figures exists exactly where the status says numeric or zero; missing is never 0."""
    published = pl.col(status).is_in(WITH_FIGURE)
    rule = pl.all_horizontal(pl.col(name).is_not_null() == published for name in figures)
    return dy.rule()(lambda _: rule)


def zero_where_printed(figure: str) -> Any:
    """Rule: 0 stands only where the publisher printed a zero token."""
    is_zero = (pl.col(figure) == 0).fill_null(value=False)
    return dy.rule()(lambda _: is_zero == (pl.col("value_status") == "zero"))


def country_where_kind_says_so() -> Any:
    """Rule: only rows of kind `country` carry an ISO code."""
    is_country = pl.col("geography_kind") == "country"
    return dy.rule()(lambda _: is_country == pl.col("country_iso3").is_not_null())


def value_or_reason(value: str, reason: str) -> Any:
    """Rule: either a value, or the reason why there is none."""
    return dy.rule()(lambda _: pl.col(value).is_null() == pl.col(reason).is_not_null())


def in_order(*dates: tuple[str, str]) -> Any:
    """Rule: the second of each pair is not before the first; null is no date."""
    in_order = [(pl.col(later) >= pl.col(earlier)).fill_null(True) for earlier, later in dates]
    return dy.rule()(lambda _: pl.all_horizontal(in_order))


def needs(*pairs: tuple[str, str]) -> Any:
    """Rule: where the first of a pair stands, the second does."""
    kept = [pl.col(given).is_null() | pl.col(needed).is_not_null() for given, needed in pairs]
    return dy.rule()(lambda _: pl.all_horizontal(kept))


def exactly_where(condition: pl.Expr, *filled: str) -> Any:
    """Rule: these columns are filled exactly where the condition holds."""
    return dy.rule()(
        lambda _: pl.all_horizontal(pl.col(name).is_not_null() == condition for name in filled)
    )


def first_days(*dates: tuple[str, str]) -> Any:
    """Rule: a date known to the month is its first day, one known to the year its first of January."""
    held = []
    for name, precision in dates:
        of_month, of_year = pl.col(name).dt.day() == 1, pl.col(name).dt.ordinal_day() == 1
        is_month, is_year = pl.col(precision) == "month", pl.col(precision) == "year"
        rule = pl.when(is_month).then(of_month).when(is_year).then(of_year)
        held.append(rule.otherwise(statement=True).fill_null(value=True))
    return dy.rule()(lambda _: pl.all_horizontal(held))
