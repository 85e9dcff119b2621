"""Checks of this source's tables alone; the common ones are in `sources.reading.checks`."""

import polars as pl

from sources.reading.checks import LakeCheck, Outcome, stop_on
from sources.reading.open_file import Tables

# Table 7 of 2026 prints rounded figures: share times world is the leader's output to 2.8% (manganese).
ROUNDING = 0.06
# What both tables print of 2025 is equal to the last digit; two roundings of one figure are a tenth apart.
SAME = 0.1
# A book comes out before its newest year is counted: in the books of 2023 to 2026 each figure of it is an estimate.
MOST_ESTIMATED = 0.5
ESTIMATED = ("net_import_reliance", "unit_value", "us_supply")
SALIENT = {
    "apparent_consumption": ("us_supply", "quantity_tonnes"),
    "net_import_reliance": ("net_import_reliance", "net_import_reliance_share"),
}


def _within_the_table(t7: pl.DataFrame) -> pl.DataFrame:
    """The leader's output, and the same by its share of the world's."""
    wide = t7.pivot("measure", index=["edition", "published_mineral"], values="value")
    needed = ("leading_country_production", "leading_country_share", "world_production")
    if not set(needed) <= set(wide.columns):
        return pl.DataFrame(schema={"edition": pl.String, "published_mineral": pl.String})
    leader, share, world = map(pl.col, needed)
    return wide.with_columns(measure=pl.lit(needed[0]), printed=leader, other=share * world).filter(
        ((leader - share * world).abs() > ROUNDING * leader)
        | (leader > world * (1 + ROUNDING))
    ).select("edition", "published_mineral", "measure", "printed", "other")  # fmt: skip


def _salient_counterparts(t7: pl.DataFrame, tables: Tables, measure: str) -> pl.DataFrame:
    """What the salient table prints of the same mineral, form and year."""
    table, figure = SALIENT[measure]
    salient = tables[table]
    if table == "us_supply":
        salient = salient.filter(pl.col("statistic") == measure)
    key = ["edition", "mineral_id", "form", "reference_year"]
    return (
        t7.filter(pl.col("measure") == measure)
        .join(salient.select(*key, other=figure), on=key)
        .filter((pl.col("value") - pl.col("other")).abs() > SAME * pl.col("other"))
        .select("edition", "published_mineral", "measure", "other", printed="value")
        .select("edition", "published_mineral", "measure", "printed", "other")
    )


def table_7_agrees(tables: Tables) -> Outcome:
    """Table 7 agrees with itself and with the salient tables of its edition."""
    t7 = tables["critical_mineral_t7"]
    off = pl.concat(
        [
            _within_the_table(t7),
            *(_salient_counterparts(t7, tables, measure) for measure in SALIENT),
        ],
        how="diagonal",
    ).sort("edition", "published_mineral")
    return stop_on(
        off,
        "leader = share x world, and consumption and reliance as in the salient tables",
        f"{off.height} figures of {t7.height} disagree",
        {"figures_off": float(off.height)},
    )


def newest_year_is_estimated(tables: Tables, table: str) -> Outcome:
    """Most figures of each edition's newest year are marked as estimates: a mark that is worded anew marks none."""
    shares = (
        tables[table]
        .filter(pl.col("value_status") == "numeric")
        .filter(pl.col("reference_year") == pl.col("reference_year").max().over("edition"))
        .group_by("edition", "reference_year")
        .agg(pl.col("is_estimated").sum().alias("marked"), pl.len().alias("figures"))
        .sort("edition")
    )
    off = shares.filter(pl.col("marked") < MOST_ESTIMATED * pl.col("figures"))
    said = [
        f"{row['marked']} of {row['figures']} figures of {table} of {row['reference_year']} in {row['edition']}"
        for row in off.iter_rows(named=True)
    ]
    return stop_on(
        off,
        f"at least {MOST_ESTIMATED:.0%} of the newest year's figures marked as estimates, as their notes say "
        "(ESTIMATED_NOTE in sources/usgs_mcs_us/layouts.py)",
        "; ".join(said) or f"most of {table} in each of {shares.height} editions",
        {"editions_off": float(off.height)},
    )


CHECKS = (
    *(
        LakeCheck(
            table,
            "newest_year_is_estimated",
            "Most figures of an edition's newest year are marked as estimates, as the publisher's notes say.",
            lambda tables, table=table: newest_year_is_estimated(tables, table),
        )
        for table in ESTIMATED
    ),
    LakeCheck(
        "critical_mineral_t7",
        "table_7_agrees_with_salient",
        "The leader's output is its share of the world's; consumption and reliance are the salient ones.",
        table_7_agrees,
    ),
)
