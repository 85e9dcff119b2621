"""What the reconciliation is measured by: BACI's own values of the lines whose raw declarations we hold.

Definitions, per line: a country's share of the line's exports (imports) in BACI and in what is judged. The
share error is the mean distance over BACI's ten largest countries, averaged over the lines; the HHI
correlation is Pearson's over the lines; the level is all dollars (tonnes) over BACI's.
"""

import random
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from sources.cepii_baci.reader import READER
from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published

SIDES = ("exporter", "importer")
LARGEST = 10
# Ten of the thirty lines, drawn before any result was looked at, by `held_out`. No rule was tried on them but
# freight in or out, which was compared on all thirty.
HELD_OUT_SEED = 20260112
HELD_OUT = (
    "252910",
    "252922",
    "280429",
    "282200",
    "283692",
    "711021",
    "810194",
    "811010",
    "811212",
    "850511",
)


@dataclass(frozen=True)
class Score:
    """How near flows come to BACI's on a set of lines, from one side. Shares 0-1."""

    lines: int
    leaders_right: int
    share_error: float
    hhi_correlation: float
    level: float
    misses: tuple[str, ...]


def held_out(lines: list[str]) -> list[str]:
    """The lines drawn: the same whenever the lines are the same."""
    return sorted(random.Random(HELD_OUT_SEED).sample(sorted(lines), 10))


def reference(path: Path) -> pl.DataFrame:
    """BACI's values. Shape: exporter_iso3, importer_iso3, hs6, value_usd. Its S19 is Taiwan."""
    return pl.read_csv(path, schema_overrides={"cmd": pl.String}).select(
        exporter_iso3=pl.col("i").replace("S19", "TWN"),
        importer_iso3=pl.col("j").replace("S19", "TWN"),
        hs6="cmd",
        value_usd="value",
    )


# Rare gases are sold by volume: their weights are whoever's conversion, and BACI's say nothing about our reconciling.
SOLD_BY_VOLUME = "280429"


def reference_of_tonnes(year: int) -> pl.DataFrame:
    """BACI's tonnes of the year, from the embedded snapshot's series of all lines and partners, without rare gases.

    Shape: exporter_iso3, importer_iso3, hs6, value_usd, quantity_tonnes_gross; empty of a year it lacks.
    """
    source = load_source(READER.source_id)
    published = read_published(READER, source, Input.EMBEDDED, None)
    trade = READER.tidy(published, source)["trade"]
    return trade.filter(
        pl.col("series_id") == f"hs17_{year}",
        pl.col("reference_year") == year,
        pl.col("hs6") != SOLD_BY_VOLUME,
    ).select("exporter_iso3", "importer_iso3", "hs6", "value_usd", "quantity_tonnes_gross")


def _shares(flows: pl.DataFrame, side: str, name: str, column: str) -> pl.DataFrame:
    return (
        flows.group_by("hs6", country=f"{side}_iso3")
        .agg(pl.col(column).sum().alias(f"{name}_sum"))
        .with_columns((pl.col(f"{name}_sum") / pl.col(f"{name}_sum").sum().over("hs6")).alias(name))
    )


def score(
    flows: pl.DataFrame,
    truth: pl.DataFrame,
    lines: list[str],
    side: str,
    column: str = "value_usd",
) -> Score:
    """Judge `flows` (shape of `reference`) on `lines`, by exporters or by importers, in dollars or tonnes."""
    both = (
        _shares(flows.filter(pl.col("hs6").is_in(lines)), side, "ours", column)
        .join(
            _shares(truth.filter(pl.col("hs6").is_in(lines)), side, "baci", column),
            on=["hs6", "country"],
            how="full",
            coalesce=True,
        )
        .fill_null(0)
        .sort("hs6", "country")
    )
    off = (pl.col("ours") - pl.col("baci")).abs()
    by_line = both.group_by("hs6", maintain_order=True).agg(
        leader=pl.col("country").sort_by("ours", descending=True).first(),
        baci_leader=pl.col("country").sort_by("baci", descending=True).first(),
        error=off.sort_by("baci", descending=True).head(LARGEST).mean(),
        hhi=pl.col("ours").pow(2).sum(),
        baci_hhi=pl.col("baci").pow(2).sum(),
        total=pl.col("ours_sum").sum(),
        baci_total=pl.col("baci_sum").sum(),
    )
    missed = by_line.filter(pl.col("leader") != pl.col("baci_leader"))
    return Score(
        lines=by_line.height,
        leaders_right=by_line.height - missed.height,
        share_error=by_line.select(pl.col("error").mean()).item(),
        hhi_correlation=by_line.select(pl.corr("hhi", "baci_hhi")).item(),
        level=by_line.select(pl.col("total").sum() / pl.col("baci_total").sum()).item(),
        misses=tuple(
            f"{row['hs6']}: {row['leader']} for {row['baci_leader']}"
            for row in missed.iter_rows(named=True)
        ),
    )
