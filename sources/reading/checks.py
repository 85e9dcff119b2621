"""Checks that a lake table must pass before anything is built on it, as plain functions.

Each returns an `Outcome`: passed or not, how bad, the worst distance as a number, and the offenders as
rows. The orchestrator only shows them; nothing here knows it.
"""

import datetime as dt
import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from textwrap import shorten
from typing import Literal

import dataframely as dy
import polars as pl

from sources.reading.catalog import Bounds, Source
from sources.reading.lake import column_differences

MAX_OFFENDERS = 20
# Characters of an offender in a sentence: two lines of a screen.
LONGEST_OFFENDER = 240
SERIES = ["mineral_id", "stage", "form", "basis"]


@dataclass(frozen=True)
class Outcome:
    """Outcome of one check of one table.

    `severity` says what a failure does: "stop" or "warn". `numbers` are plotted over runs.
    """

    passed: bool
    severity: Literal["stop", "warn"]
    expected: str
    got: str
    numbers: dict[str, float] = field(default_factory=dict)
    offenders: list[dict[str, object]] = field(default_factory=list)

    def in_words(self) -> str:
        """What was expected, what was got, and the first offender: for a text that has no list beside it."""
        said = f"expected {self.expected}; got {self.got}"
        if not self.offenders:
            return said
        cells = (f"{name} {cell}" for name, cell in self.offenders[0].items() if cell is not None)
        return f"{said}; first: {shorten(', '.join(cells), LONGEST_OFFENDER, placeholder=' …')}"


@dataclass(frozen=True)
class LakeCheck:
    """One check of one lake table of a source; `run` gets all the lake tables of that source.

    One that is not `blocking` never stops anything.
    """

    table: str
    name: str
    description: str
    run: Callable[[dict[str, pl.DataFrame]], Outcome]
    blocking: bool = True


def _offenders(frame: pl.DataFrame) -> list[dict[str, object]]:
    return frame.head(MAX_OFFENDERS).to_dicts()


def stop_on(off: pl.DataFrame, expected: str, got: str, numbers: dict[str, float]) -> Outcome:
    """Outcome of a check that no row may offend: it stops on any of `off`."""
    return Outcome(off.is_empty(), "stop", expected, got, numbers, _offenders(off))


def satisfies_schema(frame: pl.DataFrame, schema: type[dy.Schema]) -> Outcome:
    """Columns, types, keys, closed vocabularies and cross-column rules of the table's schema hold."""
    expected = f"every row satisfies {schema.__name__}"
    if differing := column_differences(frame, schema):
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
    used_tables: list[pl.DataFrame], not_used: pl.DataFrame, file_rows: pl.DataFrame
) -> Outcome:
    """Per file, records in = records used + records not used with a reason.

    Args:
        used_tables: tables whose rows name their record by `file_row`, and by `file_column` where a
            cell is the record, and `sheet` where there are several. A record that several tables use
            counts once.
    """
    key = ["edition", "source_file"]
    record = [*key, "sheet", "file_row", "file_column"]
    used = pl.concat(
        frame.select(
            *key,
            pl.col("sheet") if "sheet" in frame.columns else pl.lit("").alias("sheet"),
            pl.col("file_row").cast(pl.UInt32),
            (pl.col("file_column") if "file_column" in frame.columns else pl.lit(0, pl.UInt16))
            .cast(pl.UInt16)
            .alias("file_column"),
        )
        for frame in used_tables
    )
    account = (
        file_rows.rename({"file_rows": "records_in"})
        .join(
            used.unique(record).group_by(key).agg(records_used=pl.len()),
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
    return stop_on(
        off,
        "records in = used + not used, per file",
        f"{off.height} of {account.height} files do not add up",
        {
            "records_in": float(account["records_in"].sum()),
            "records_used": float(account["records_used"].sum()),
            "records_unaccounted": float(account["missing"].abs().sum()),
        },
    )


def _without_accepted(
    frame: pl.DataFrame, source: Source, check: str, edition: str
) -> pl.DataFrame:
    """Rows that no dated row of the source's `accepted_changes.csv` accepts."""
    path = source.folder / "accepted_changes.csv"
    if not path.exists():
        return frame
    accepted = pl.read_csv(path, infer_schema=False).filter(pl.col("check") == check)
    return frame.join(
        accepted.select(pl.col("edition").alias(edition), *SERIES),
        on=[edition, *SERIES],
        how="anti",
    )


def _totals(figures: pl.DataFrame) -> pl.DataFrame:
    """World total and sum of the named countries, by edition, series and year."""
    return figures.group_by("edition", "released_on", *SERIES, "reference_year").agg(
        world=pl.col("quantity_tonnes").filter(pl.col("geography_kind") == "world").max(),
        named=pl.col("quantity_tonnes").filter(pl.col("geography_kind") == "country").sum(),
    )


def _is_newest_year(edition: str = "edition") -> pl.Expr:
    return pl.col("reference_year") == pl.col("reference_year").max().over(edition, *SERIES)


def _with_ratio(pairs: pl.DataFrame) -> pl.DataFrame:
    """World total over the previous one; named sums where neither has a world total."""
    neither = pl.col("world").is_null() & pl.col("previous_world").is_null()
    return pairs.with_columns(
        ratio=pl.when(neither)
        .then(pl.col("named") / pl.col("previous_named"))
        .otherwise(pl.col("world") / pl.col("previous_world"))
    )


def _by_consecutive_editions(figures: pl.DataFrame) -> pl.DataFrame:
    """Totals of each edition beside those of the edition before.

    The figures of one year in two editions; of a series without such a year, the newest year of each:
    stocks (reserves, capacity) are given for one year an edition, and so is output by some publishers.
    """
    totals = _totals(figures)
    editions = (
        totals.select("edition", "released_on")
        .unique()
        .sort("released_on")
        .with_columns(previous_edition=pl.col("edition").shift(1))
        .select("edition", "previous_edition")
    )
    totals = totals.join(editions, on="edition")
    earlier = totals.select(
        pl.col("edition").alias("previous_edition"),
        *SERIES,
        "reference_year",
        pl.col("reference_year").alias("previous_year"),
        pl.col("world").alias("previous_world"),
        pl.col("named").alias("previous_named"),
    )
    of_an_edition = ["previous_edition", *SERIES]
    same_year = totals.join(earlier, on=[*of_an_edition, "reference_year"], how="inner")
    newest = totals.filter(_is_newest_year()).join(same_year, on=["edition", *SERIES], how="anti")
    newest_before = earlier.filter(_is_newest_year("previous_edition")).drop("reference_year")
    return pl.concat(
        [same_year, newest.join(newest_before, on=of_an_edition, how="inner")], how="diagonal"
    ).pipe(_with_ratio)


def severity_of(fold: float, bounds: Bounds) -> Literal["stop", "warn"]:
    """What a change of magnitude beyond the soft bound does."""
    return "stop" if fold > bounds.magnitude_ratio_stop else "warn"


def magnitudes_allowed(bounds: Bounds) -> str:
    """The bounds of magnitude in words."""
    return (
        f"within {bounds.magnitude_ratio_warn}-fold of {{than}} "
        f"(stops beyond {bounds.magnitude_ratio_stop}-fold)"
    )


def coverage_outcome(
    loss: float, bounds: Bounds, got: str, lost: int, offenders: list[dict[str, object]]
) -> Outcome:
    """Judge the worst share of series lost by the bounds of `source.yml`."""
    return Outcome(
        loss <= bounds.coverage_loss_warn,
        "stop" if loss > bounds.coverage_loss_stop else "warn",
        f"at most {bounds.coverage_loss_warn:.0%} of the series lost "
        f"(stops beyond {bounds.coverage_loss_stop:.0%})",
        got,
        {"worst_loss_share": loss, "series_lost": float(lost)},
        offenders,
    )


def _of_one_magnitude(pairs: pl.DataFrame, source: Source, check: str, than: str) -> Outcome:
    """Judge ratios by the bounds of `source.yml`: beyond the hard one it stops, else it warns.

    Args:
        check: name under which `accepted_changes.csv` accepts a change.
        than: what the ratio is against, in words.
    """
    bounds = source.bounds
    previous = [name for name in ("previous_edition", "previous_year") if name in pairs.columns]
    judged = (
        pairs.filter(pl.col("ratio").is_finite() & (pl.col("ratio") > 0))
        .with_columns(fold=pl.max_horizontal(pl.col("ratio"), 1 / pl.col("ratio")))
        .sort("fold", *SERIES, "reference_year", "edition", descending=[True, *[False] * 6])
        .select("edition", *previous, *SERIES, "reference_year", "world", "previous_world", "fold")
    )
    compared = judged.height
    judged = _without_accepted(judged, source, check, "edition")
    worst = judged["fold"].max() if not judged.is_empty() else 1.0
    worst = float(worst) if isinstance(worst, (int, float)) else 1.0
    off = judged.filter(pl.col("fold") > bounds.magnitude_ratio_warn)
    return Outcome(
        off.is_empty(),
        severity_of(worst, bounds),
        magnitudes_allowed(bounds).format(than=than),
        f"worst {worst:.3f}-fold over {compared} series and years",
        {"worst_fold": worst, "compared": float(compared)},
        _offenders(off),
    )


def keeps_magnitude(figures: pl.DataFrame, source: Source) -> Outcome:
    """World totals in two consecutive editions are of one magnitude.

    A lost factor of 1,000, kilograms read as tonnes or a wrong column show here. Beyond the hard
    bound of `source.yml` it stops, beyond the soft one it warns (a real revision may be large).
    """
    pairs = _by_consecutive_editions(figures)
    return _of_one_magnitude(pairs, source, "keeps_magnitude", "the edition before")


def newest_year_keeps_magnitude(figures: pl.DataFrame, source: Source) -> Outcome:
    """The newest year of each edition is of one magnitude with the year before it, as that edition says.

    No other edition can be asked about the newest year of the newest edition: a unit slip in that
    column alone shows only here. Output of the whole world does not triple in a year.
    """
    totals = _totals(figures)
    before = totals.select(
        "edition",
        *SERIES,
        pl.col("reference_year").alias("previous_year"),
        pl.col("world").alias("previous_world"),
        pl.col("named").alias("previous_named"),
    )
    pairs = (
        totals.filter(_is_newest_year())
        .with_columns(previous_year=pl.col("reference_year") - 1)
        .join(before, on=["edition", *SERIES, "previous_year"], how="inner")
        .pipe(_with_ratio)
    )
    return _of_one_magnitude(
        pairs, source, "newest_year_keeps_magnitude", "the year before in the same edition"
    )


def keeps_coverage(production: pl.DataFrame, source: Source) -> Outcome:
    """An edition still has the series (with a figure) of the edition before."""
    bounds = source.bounds
    with_figures = (
        production.filter(pl.col("quantity_tonnes").is_not_null())
        .select("edition", "released_on", *SERIES)
        .unique()
    )
    # Of the whole table: an edition that lost every figure still stands between its neighbours.
    ordered = production.select("edition", "released_on").unique().sort("released_on")["edition"]
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
        worst = max(worst, gone.height / max(before.height, 1))
        lost.append(gone)
    off = pl.concat(lost) if lost else pl.DataFrame()
    return coverage_outcome(
        worst,
        bounds,
        f"{off.height} series lost, worst edition {worst:.1%}",
        off.height,
        _offenders(off),
    )


def newest_period_is_recent(frame: pl.DataFrame, source: Source) -> Outcome:
    """The newest edition ends as near its day of release as its editions use to.

    It asks about the edition, not about today: whether the next one is overdue is asked by the sensor
    that looks for it. An edition fetched again is new bytes at most, never newer figures.
    """
    asked = source.newest_period
    assert asked is not None, "asked of sources that say what to expect"
    edition = source.newest
    # A year of empty cells is not yet published.
    figures = {one.measure for one in source.figures if one.table == asked.table} - {"rows"}
    has_figure = pl.any_horizontal(pl.col(sorted(figures)).is_not_null()) if figures else True
    newest = frame.filter(pl.col("edition") == edition.edition, has_figure)[asked.column].max()
    if isinstance(newest, dt.date):
        end = (newest.replace(day=1) + dt.timedelta(days=32)).replace(day=1) - dt.timedelta(days=1)
    elif isinstance(newest, int):
        end = dt.date(newest, 12, 31)
    else:
        end = dt.date.min
    lag = (edition.released_on - end).days
    return Outcome(
        -asked.lead_days <= lag <= asked.lag_days,
        "warn",
        f"the newest period ends at most {asked.lag_days} days before {edition.released_on} "
        f"and at most {asked.lead_days} after it",
        f"{edition.edition} ends with {newest}, "
        + (f"{lag} days before" if lag >= 0 else f"{-lag} days after it came out"),
        {"days_before_release": float(lag)},
    )
