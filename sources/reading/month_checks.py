"""Whether a month of trade looks like the month held before it.

Belongs here: checks of every publisher's `month_trade`. Does not belong here: a pull beside an earlier pull of the same
month (`sources.editions.comparison`), and what one publisher alone does (its own `checks.py`).
"""

import itertools
from collections.abc import Iterator, Mapping

import dataframely as dy
import polars as pl

from sources.reading.checks import MAX_OFFENDERS, LakeCheck, Outcome
from sources.reading.lake_schemas import MonthTrade

# Trade of one month is up to three times that of another, line by line and in the middle; a slip of units is far more.
FOLD_WARNS, FOLD_STOPS = 3.0, 10.0
# Of so few lines the middle says nothing.
LEAST_LINES = 8
# So much of a month's trade was in lines, or came from partners, of which the next month has nothing.
LOST_WARNS, LOST_STOPS = 0.10, 0.50
# Months further apart are not compared.
MONTHS_APART = 12
LINE = ("reporter_iso3", "flow", "hs_code")
PARTNER = ("reporter_iso3", "flow", "partner_iso3")


def month_checks(schemas: Mapping[str, type[dy.Schema]]) -> list[LakeCheck]:
    """The check of each table of months."""
    return [
        LakeCheck(
            table,
            "months_are_alike",
            "A month has the lines, the partners and the size of the month held before it.",
            lambda tables, table=table: months_are_alike(tables[table]),
        )
        for table, schema in schemas.items()
        if schema is MonthTrade
    ]


def months_are_alike(frame: pl.DataFrame) -> Outcome:
    """The newest pull of each month beside that of the month held before it, at most `MONTHS_APART` earlier.

    Compared are reporters that both have. A month without any other passes: there is nothing to compare it with.
    """
    month = pl.col("reference_year") * 12 + pl.col("reference_month")
    newest = frame.with_columns(_month=month).filter(
        pl.col("edition") == pl.col("edition").max().over("_month")
    )
    held = newest["_month"].unique().sort().to_list()
    offenders = [
        {"beyond": got / warns, "stops": got > stops, "edition": edition, "statistic": name, "got": got, "lacks": lacks}
        for before, now in itertools.pairwise(held)
        if now - before <= MONTHS_APART
        for edition, name, got, warns, stops, lacks in _statistics(
            newest.filter(_month=before), newest.filter(_month=now)
        )
        if got > warns
    ]  # fmt: skip
    offenders.sort(key=lambda offender: (-offender["stops"], -offender["beyond"]))
    return Outcome(
        not offenders,
        "stop" if any(offender["stops"] for offender in offenders) else "warn",
        f"at most {FOLD_WARNS:g}-fold in the middle of the lines (stops: {FOLD_STOPS:g}), and at most "
        f"{LOST_WARNS:.0%} of the trade in lines, or of partners, that lack now (stops: {LOST_STOPS:.0%})",
        "; ".join(
            f"{o['edition']}: {o['statistic']} {o['got']:.3g}" + (f" ({o['lacks']})" if o["lacks"] else "")
            for o in offenders[:4]
        )
        or "nothing beyond a bound",
        {"times_beyond": min(float(offenders[0]["beyond"]), 1e9) if offenders else 0.0},
        offenders[:MAX_OFFENDERS],
    )  # fmt: skip


def _statistics(
    before: pl.DataFrame, now: pl.DataFrame
) -> Iterator[tuple[str, str, float, float, float, str]]:
    """Each statistic of a month: its edition, name, value, from where on it warns and stops, and what lacks."""
    edition = str(now["edition"][0])
    both = before.join(now, on=["reporter_iso3", "flow"], how="semi")
    had, has = (part.group_by(LINE).agg(pl.col("value").sum()) for part in (both, now))
    pairs = had.join(has, on=LINE, suffix="_now")
    fold = pairs.select(
        pl.max_horizontal(
            pl.col("value_now") / pl.col("value"), pl.col("value") / pl.col("value_now")
        ).median()
    ).item()
    if pairs.height >= LEAST_LINES:
        yield edition, "change in the middle of the lines", float(fold), FOLD_WARNS, FOLD_STOPS, ""
    if both.height < LEAST_LINES:
        return
    for name, key in (("lines", LINE), ("partners", PARTNER)):
        had = both.group_by(key).agg(pl.col("value").sum())
        lost = had.join(now, on=key, how="anti").sort("value", *key, descending=True)
        share = float(lost["value"].sum()) / float(had["value"].sum())
        lacks = ", ".join(" ".join(map(str, row[:-1])) for row in lost.head(3).rows())
        yield edition, f"share of the trade before in {name} that lack", share, LOST_WARNS, LOST_STOPS, lacks  # fmt: skip
