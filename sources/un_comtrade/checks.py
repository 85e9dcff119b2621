"""Checks of this source's tables alone; the common ones are in `sources.reading.checks`."""

import polars as pl

from sources.reading.catalog import load_source
from sources.reading.checks import MAX_OFFENDERS, LakeCheck, Outcome
from sources.reading.open_file import Tables
from sources.un_comtrade.tidy import (
    TORN_TOTAL,
    TOTAL_TOLERANCE,
    TOTAL_TOLERANCE_USD,
    WORLD_TOTAL,
)

OTHER_FLOW = {"import": "export", "export": "import"}
# Part of the value that partners declare of a flow whose own side must declare too: exporters were 77% for
# 2024, without Russia, DR Congo and Iran, which send nothing; below this a year is too young to reconcile.
MIRROR_FLOOR = 0.6
# Part of the World's rows whose partners do not add up to them: none in two files of 26,063 such rows.
TORN_TOTALS_STOP = 0.05


def _kept_from_year_before(declared: pl.DataFrame) -> pl.DataFrame:
    """Part of a line's value that its reporters declared the year before and whose reporters still do.

    By value: a hundred small reporters may be late, one large one must not. Grain: edition, flow, year.
    """
    who = ["edition", "flow", "reference_year", "hs6", "reporter_iso3"]
    by_reporter = declared.group_by(who).agg(pl.col("value_usd").sum())
    lines = declared.select("edition", "flow", "reference_year", "hs6").unique()
    before = by_reporter.with_columns(pl.col("reference_year") + 1).join(
        lines, on=["edition", "flow", "reference_year", "hs6"], how="semi"
    )
    return (
        before.join(by_reporter.select(who, is_kept=pl.lit(value=True)), on=who, how="left")
        .group_by("edition", "flow", "reference_year")
        .agg(coverage_share=pl.col("value_usd").filter("is_kept").sum() / pl.col("value_usd").sum())
    )


def _mirrored(declared: pl.DataFrame) -> pl.DataFrame:
    """Part of the value that partners declare of a flow whose own side declares too.

    Only where an edition asked both sides. Grain: edition, flow, year.
    """
    year = ["edition", "flow", "reference_year"]
    declaring = declared.select(*year, country=pl.col("reporter_iso3")).unique()
    of_partners = declared.with_columns(pl.col("flow").replace(OTHER_FLOW)).rename(
        {"partner_iso3": "country"}
    )
    return (
        of_partners.join(declaring.select(year).unique(), on=year, how="semi")
        .join(
            declaring.with_columns(declares=pl.lit(value=True)), on=[*year, "country"], how="left"
        )
        .group_by(year)
        .agg(
            coverage_share=pl.col("value_usd").filter("declares").sum() / pl.col("value_usd").sum()
        )
    )


def reporters_cover_trade(tables: Tables) -> Outcome:
    """A year's reporters stand for the trade of the year before, and for what their partners declare."""
    bounds = load_source("un_comtrade").bounds
    declared = tables["declaration"]
    kept = _kept_from_year_before(declared).with_columns(
        of=pl.lit("the year before"), floor=pl.lit(1 - bounds.coverage_loss_warn)
    )
    mirrored = _mirrored(declared).with_columns(
        of=pl.lit("partners' declarations"), floor=pl.lit(MIRROR_FLOOR)
    )
    shares = pl.concat([kept, mirrored]).sort("coverage_share", "edition", "flow", "reference_year")
    low = shares.filter(pl.col("coverage_share") < pl.col("floor"))
    lost = kept.filter(pl.col("coverage_share") < 1 - bounds.coverage_loss_stop)
    least = shares["coverage_share"].min() if shares.height else None
    return Outcome(
        low.is_empty(),
        "stop" if lost.height else "warn",
        f"at least {1 - bounds.coverage_loss_warn:.0%} of the value of the year before, and "
        f"{MIRROR_FLOOR:.0%} of what partners declare",
        f"{low.height} of {shares.height} years and flows below",
        {"least_coverage_share": float(least)} if isinstance(least, float) else {},
        low.head(MAX_OFFENDERS).to_dicts(),
    )


def partners_add_up_to_the_world(tables: Tables) -> Outcome:
    """Partners of a line add up to the World's row, which stands beside them; a cut or changed file shows here."""
    world = tables["not_used"].filter(pl.col("not_used_reason").is_in([WORLD_TOTAL, TORN_TOTAL]))
    is_torn = pl.col("not_used_reason") == TORN_TOTAL
    by_edition = world.group_by("edition").agg(
        torn=pl.col("file_rows").filter(is_torn).sum(), rows=pl.col("file_rows").sum()
    )
    torn = world.filter(is_torn).sort("file_rows", "edition", "label", descending=True)
    count = int(torn["file_rows"].sum())
    return Outcome(
        count == 0,
        "stop"
        if by_edition.filter(pl.col("torn") > TORN_TOTALS_STOP * pl.col("rows")).height
        else "warn",
        f"partners within {TOTAL_TOLERANCE:.0%} of the World's row, or {TOTAL_TOLERANCE_USD:,} dollars",
        f"{count} of {int(world['file_rows'].sum())} rows of the World apart: were rows cut off, or values "
        "changed? Pull the years anew",
        {},
        torn.select("edition", hs6="label", lines="file_rows").head(MAX_OFFENDERS).to_dicts(),
    )


CHECKS = (
    LakeCheck(
        "not_used",
        "partners_add_up_to_the_world",
        "Partners of a line add up to the World's row of the same declaration.",
        partners_add_up_to_the_world,
    ),
    LakeCheck(
        "declaration",
        "reporters_cover_trade",
        "A year's reporters stand for the value of the year before, and of what partners declare.",
        reporters_cover_trade,
    ),
)
