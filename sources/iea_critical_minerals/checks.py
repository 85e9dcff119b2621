"""Checks of this source's tables alone; the common ones are in `sources.reading.checks`."""

import polars as pl

from sources.reading.checks import LakeCheck, Outcome, stop_on
from sources.reading.open_file import Tables

CASE = ["edition", "scenario", "mineral_id", "reference_year"]
# Subtotal and other make the total to six digits in both editions.
TOTAL_OFF = 0.01
# The technologies of copper and graphite make 74% to 101% of their subtotal in 2025 (README.md), others all of it.
TECHNOLOGIES = (0.7, 1.05)


def uses_add_up(tables: Tables) -> Outcome:
    """Technologies make the subtotal, subtotal and other the total."""
    quantity = pl.col("quantity_tonnes")
    kinds = ("technology", "subtotal", "other", "total")
    sums = (
        tables["demand"]
        .group_by(CASE)
        .agg(**{kind: quantity.filter(pl.col("use_kind") == kind).sum() for kind in kinds})
        .with_columns(
            uses_over_total=(pl.col("subtotal") + pl.col("other")) / pl.col("total"),
            technologies_over_subtotal=pl.col("technology") / pl.col("subtotal"),
        )
    )
    off = sums.filter(
        ((pl.col("uses_over_total") - 1).abs() <= TOTAL_OFF).not_()
        | pl.col("technologies_over_subtotal").is_between(*TECHNOLOGIES).not_()
    ).sort(CASE)
    return stop_on(
        off,
        "subtotal + other = total, and the technologies 70% to 105% of the subtotal",
        f"{off.height} of {sums.height} cases do not add up",
        {"cases_off": float(off.height)},
    )


CHECKS = (
    LakeCheck(
        "demand",
        "uses_add_up_to_their_total",
        "Technologies make the subtotal, subtotal and other the total, in each scenario and year.",
        uses_add_up,
    ),
)
