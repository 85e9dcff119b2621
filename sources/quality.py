"""Questions that a lake table must answer before anything is built on it, as plain functions.

Each returns an `Outcome`: passed or not, how bad, the worst distance as a number, and the offenders as
rows. The orchestrator only shows them; nothing here knows it.
"""

import itertools
from dataclasses import dataclass, field
from typing import Literal

import dataframely as dy
import polars as pl

from sources.catalog import Source

MAX_OFFENDERS = 20
SERIES = ["mineral_id", "stage", "form", "basis"]


@dataclass(frozen=True)
class Outcome:
    """Answer to one question about one table.

    `severity` says what a failure does: "stop" or "warn". `numbers` are plotted over runs.
    """

    passed: bool
    severity: Literal["stop", "warn"]
    expected: str
    got: str
    numbers: dict[str, float] = field(default_factory=dict)
    offenders: list[dict[str, object]] = field(default_factory=list)


def _offenders(frame: pl.DataFrame) -> list[dict[str, object]]:
    return frame.head(MAX_OFFENDERS).to_dicts()


def satisfies_schema(frame: pl.DataFrame, schema: type[dy.Schema]) -> Outcome:
    """Columns, types, keys, closed vocabularies and cross-column rules of the table's schema hold."""
    expected = f"every row satisfies {schema.__name__}"
    wanted = dict(schema.create_empty().schema)
    if dict(frame.schema) != wanted:
        differing = {
            name: f"{frame.schema.get(name)} instead of {wanted.get(name)}"
            for name in sorted({*wanted, *frame.columns})
            if frame.schema.get(name) != wanted.get(name)
        }
        return Outcome(
            False,
            "stop",
            expected,
            f"columns differ: {differing}",
            {"broken_rules": float(len(differing))},
            [{"column": name, "difference": text} for name, text in differing.items()],
        )
    result = schema.filter(frame, cast=False)
    counts = result.failure.counts()
    return Outcome(
        not counts,
        "stop",
        expected,
        f"{len(result.failure)} of {frame.height} rows break {len(counts)} rules",
        {"rows": float(frame.height), "rows_breaking_a_rule": float(len(result.failure))},
        [{"rule": rule, "rows": rows} for rule, rows in sorted(counts.items())],
    )


def records_are_accounted_for(
    used: pl.DataFrame, not_used: pl.DataFrame, file_rows: pl.DataFrame
) -> Outcome:
    """Per file, records in = records used + records not used with a reason."""
    key = ["edition", "source_file"]
    account = (
        file_rows.rename({"file_rows": "records_in"})
        .join(
            used.unique([*key, "file_row"]).group_by(key).agg(records_used=pl.len()),
            on=key,
            how="full",
            coalesce=True,
        )
        .join(
            not_used.group_by(key).agg(records_not_used=pl.col("file_rows").sum()),
            on=key,
            how="full",
            coalesce=True,
        )
        .with_columns(pl.col("records_in", "records_used", "records_not_used").fill_null(0))
        .with_columns(
            missing=pl.col("records_in").cast(pl.Int64)
            - pl.col("records_used").cast(pl.Int64)
            - pl.col("records_not_used").cast(pl.Int64)
        )
        .sort(key)
    )
    off = account.filter(pl.col("missing") != 0)
    return Outcome(
        off.is_empty(),
        "stop",
        "records in = used + not used, per file",
        f"{off.height} of {account.height} files do not add up",
        {
            "records_in": float(account["records_in"].sum()),
            "records_used": float(account["records_used"].sum()),
            "records_unaccounted": float(account["missing"].abs().sum()),
        },
        _offenders(off),
    )


def _without_accepted(frame: pl.DataFrame, source: Source, check: str, edition: str) -> pl.DataFrame:
    """Rows that no dated row of the source's `accepted_changes.csv` accepts."""
    path = source.folder / "accepted_changes.csv"
    if not path.exists():
        return frame
    accepted = pl.read_csv(path, infer_schema=False).filter(pl.col("check") == check)
    return frame.join(
        accepted.select(pl.col("edition").alias(edition), *SERIES), on=[edition, *SERIES], how="anti"
    )


def _by_consecutive_editions(figures: pl.DataFrame, *, same_year: bool) -> pl.DataFrame:
    """World totals of each edition beside those of the edition before; named sums where neither has one.

    With `same_year` the figures of one year in two editions; else each edition's newest year, for
    stocks (reserves, capacity) that an edition gives for one year only.
    """
    totals = figures.group_by("edition", "released_on", *SERIES, "reference_year").agg(
        world=pl.col("quantity_tonnes").filter(pl.col("geography_kind") == "world").max(),
        named=pl.col("quantity_tonnes").filter(pl.col("geography_kind") == "country").sum(),
    )
    key = [*SERIES, "reference_year"] if same_year else SERIES
    if not same_year:
        newest = pl.col("reference_year") == pl.col("reference_year").max().over("edition", *SERIES)
        totals = totals.filter(newest)
    editions = (
        totals.select("edition", "released_on")
        .unique()
        .sort("released_on")
        .with_columns(previous_edition=pl.col("edition").shift(1))
        .select("edition", "previous_edition")
    )
    earlier = totals.select(
        pl.col("edition").alias("previous_edition"),
        *key,
        pl.col("world").alias("previous_world"),
        pl.col("named").alias("previous_named"),
    )
    neither = pl.col("world").is_null() & pl.col("previous_world").is_null()
    return (
        totals.join(editions, on="edition")
        .join(earlier, on=["previous_edition", *key], how="inner")
        .with_columns(
            ratio=pl.when(neither)
            .then(pl.col("named") / pl.col("previous_named"))
            .otherwise(pl.col("world") / pl.col("previous_world"))
        )
    )


def keeps_magnitude(figures: pl.DataFrame, source: Source, *, same_year: bool = True) -> Outcome:
    """World totals in two consecutive editions are of one magnitude.

    A lost factor of 1,000, kilograms read as tonnes or a wrong column show here. Beyond the hard
    bound of `source.yml` it stops, beyond the soft one it warns (a real revision may be large).
    """
    bounds = source.bounds
    judged = (
        _by_consecutive_editions(figures, same_year=same_year)
        .filter(pl.col("ratio").is_finite() & (pl.col("ratio") > 0))
        .with_columns(fold=pl.max_horizontal(pl.col("ratio"), 1 / pl.col("ratio")))
        .sort("fold", *SERIES, "reference_year", descending=[True, *[False] * 5])
        .select(
            "edition",
            "previous_edition",
            *SERIES,
            "reference_year",
            "world",
            "previous_world",
            "fold",
        )
    )
    compared = judged.height
    judged = _without_accepted(judged, source, "keeps_magnitude", "edition")
    worst = judged["fold"].max() if not judged.is_empty() else 1.0
    worst = float(worst) if isinstance(worst, (int, float)) else 1.0
    off = judged.filter(pl.col("fold") > bounds.magnitude_ratio_warn)
    return Outcome(
        off.is_empty(),
        "stop" if worst > bounds.magnitude_ratio_stop else "warn",
        f"within {bounds.magnitude_ratio_warn}-fold of the edition before "
        f"(stops beyond {bounds.magnitude_ratio_stop}-fold)",
        f"worst {worst:.3f}-fold over {compared} series and years",
        {"worst_fold": worst, "compared": float(compared)},
        _offenders(off),
    )


def keeps_coverage(production: pl.DataFrame, source: Source) -> Outcome:
    """An edition still has the series (with a figure) of the edition before."""
    bounds = source.bounds
    with_figures = (
        production.filter(pl.col("quantity_tonnes").is_not_null())
        .select("edition", "released_on", *SERIES)
        .unique()
    )
    ordered = with_figures.select("edition", "released_on").unique().sort("released_on")["edition"]
    lost: list[pl.DataFrame] = []
    worst = 0.0
    for previous, edition in itertools.pairwise(ordered):
        before = with_figures.filter(pl.col("edition") == previous)
        after = with_figures.filter(pl.col("edition") == edition)
        gone = before.join(after, on=SERIES, how="anti")
        gone = _without_accepted(
            gone.select(pl.lit(edition).alias("lacking_in"), *SERIES),
            source,
            "keeps_coverage",
            "lacking_in",
        )
        worst = max(worst, gone.height / before.height)
        lost.append(gone)
    off = pl.concat(lost) if lost else pl.DataFrame()
    return Outcome(
        worst <= bounds.coverage_loss_warn,
        "stop" if worst > bounds.coverage_loss_stop else "warn",
        f"at most {bounds.coverage_loss_warn:.0%} of the series lost "
        f"(stops beyond {bounds.coverage_loss_stop:.0%})",
        f"{off.height} series lost, worst edition {worst:.1%}",
        {"worst_loss_share": worst, "series_lost": float(off.height)},
        _offenders(off),
    )
