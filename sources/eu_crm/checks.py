"""Checks of this source's tables alone; the common ones are in `sources.reading.checks`."""

import polars as pl

from sources.reading.checks import MAX_OFFENDERS, Outcome

# Two points: a material with twenty countries, each rounded to a tenth, is off by less.
SUM_TOLERANCE = 0.02


def share_sums(supply_share: pl.DataFrame) -> pl.DataFrame:
    """What the shares of each material add up to. Grain: edition, scope, material, stage.

    `sum_lower` takes 0 for a bounded share, `sum_upper` its bound; both 0-1. Nothing is rescaled.
    """
    return (
        supply_share.group_by("edition", "scope", "mineral_id", "material_id", "stage")
        .agg(
            countries=pl.len(),
            sum_lower=pl.coalesce("supply_share", "supply_share_lower").sum(),
            sum_upper=pl.coalesce("supply_share", "supply_share_upper").sum(),
        )
        .sort("edition", "scope", "material_id", "stage")
    )


def shares_add_up(supply_share: pl.DataFrame) -> Outcome:
    """Shares of one scope, material and stage add up to 1, within two points; else a warning.

    The publisher leaves small suppliers of the EU out and rounds: a sum below 1 is how much of supply
    is named, a fact to show beside a share and no reason to stop.
    """
    sums = share_sums(supply_share).with_columns(
        distance=pl.max_horizontal(pl.col("sum_lower") - 1, 1 - pl.col("sum_upper"), pl.lit(0.0))
    )
    # A hair above two points is binary arithmetic, not the publisher.
    off = sums.filter(pl.col("distance") > SUM_TOLERANCE + 1e-9).sort("distance", descending=True)
    worst = sums["distance"].max() if not sums.is_empty() else 0.0
    return Outcome(
        off.is_empty(),
        "warn",
        f"shares add up to 1 within {SUM_TOLERANCE:.2f}",
        f"{off.height} of {sums.height} materials and stages do not",
        {
            "worst_distance": float(worst) if isinstance(worst, (int, float)) else 0.0,
            "materials_off": float(off.height),
        },
        off.head(MAX_OFFENDERS).to_dicts(),
    )
