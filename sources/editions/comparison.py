"""A new edition beside the one before: rows, coverage, magnitude, periods, the ten largest changes.

Whether a change is too large is judged by the bounds of `source.yml`: by the middle one of all changes, which a unit
slip or zeros move and a revision does not, and by the series lost. Tables of production, reserves and capacity have
checks of their own beside (`sources.reading.checks`), in world totals. What is listed are figures that changed, came or
went, first those of the series of which most moved. A series that is gone moved as a whole, and more than by a slip of
units: so that neither hides the other, half of the places are kept for each.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import dataframely as dy
import polars as pl

from sources.reading import checks
from sources.reading.catalog import Bounds, FigureBounds, Source
from sources.reading.checks import Outcome
from sources.reading.figure_checks import figure_of, rows_of
from sources.reading.lake_schemas import Production

MOST_CHANGES = 10
SIDES = ("_lower", "_upper", "_low", "_high")
PERIODS = ("year", "month", "period")
# How many months a period has; where they are not the same, two periods are not.
MONTHS_SO_FAR = "period_months"
# First and last year of a figure that is about several: the window moves with the edition.
WINDOW = ("period_from", "period_to")
# A key of places in a file says nothing across files.
PLACES = ("file_row", "file_line", "file_column", "source_row_id")


@dataclass
class Comparison:
    """Comparison of a new edition with the one before. `rows` before and after, by table; `changes` largest first."""

    edition: str
    before: str
    rows: dict[str, tuple[int, int]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    changes: list[dict[str, object]] = field(default_factory=list)

    def as_dict(self) -> dict[str, object]:
        """For `pins.yml` and metadata: plain values only."""
        return {
            "beside": self.before,
            "rows": {table: list(pair) for table, pair in self.rows.items()},
            **{name: outcome.got for name, outcome in self.outcomes.items()},
            "largest_changes": self.changes,
        }


def edition_before(names: list[str], edition: str) -> str:
    """The edition that one is compared with: the last before it; empty where there is none.

    A pull by period (`API2023_20261126`) follows the last pull of that period, and no other.
    """
    earlier = names[: names.index(edition)]
    if pull := re.fullmatch(r"(.+_)\d{8}", edition):
        earlier = [name for name in earlier if name.startswith(pull[1])]
    return earlier[-1] if earlier else ""


def compare(
    schemas: Mapping[str, type[dy.Schema]],
    before: dict[str, pl.DataFrame],
    after: dict[str, pl.DataFrame],
    names: tuple[str, str],
    source: Source,
) -> Comparison:
    """Compare an edition with another.

    Args:
        before: lake tables that hold the other edition.
        after: lake tables that hold the new one.
        names: of the other edition and of the new one; equal where bytes were replaced.
        source: what its `figures` and `bounds` say of its tables.
    """
    result = Comparison(names[1], names[0])
    changes: list[pl.DataFrame] = []
    for table, schema in schemas.items():
        if "edition" not in schema.column_names():
            continue
        old = before[table].filter(pl.col("edition") == names[0])
        new = after[table].filter(pl.col("edition") == names[1])
        result.rows[table] = (old.height, new.height)
        key = key_of(schema)
        if not key or set(key) & set(PLACES) or old.is_empty():
            continue
        figures = _figures(table, schema, source)
        for figure in figures:
            had, has = rows_of(figure, old), rows_of(figure, new)
            pairs = _pairs(had, has, key, figure, is_replaced=names[0] == names[1])
            changes.append(_moved(pairs, schema, table, figure))
            # Lists of laws and names change as they must: shown, not judged.
            if figure.measure == "rows":
                continue
            about = (
                table
                if figure is figures[0]
                else ", ".join([table, figure.measure, *_filter_in_words(figure)])
            )
            result.outcomes[f"{about}: magnitude"] = _magnitude(
                pairs, source.bounds, figure.measure, names[0]
            )
            if periods := _periods(had, has, key, figure, names[0]):
                result.outcomes[f"{about}: periods"] = periods
            if schema is not Production:
                result.outcomes[f"{about}: coverage"] = _coverage(
                    had, has, key, figure.measure, source.bounds
                )
    if changes:
        result.changes = _largest(pl.concat(changes)).drop("change").to_dicts()
    return result


def _largest(changes: pl.DataFrame) -> pl.DataFrame:
    """The largest changes, of both kinds: of a figure to another, and from or to none or 0."""
    order = ["moved_share", "change", "what"]
    ranked = changes.sort(order, descending=[True, True, False])
    is_other = pl.all_horizontal(pl.col("before", "after").fill_null(0) != 0)
    rank = pl.int_range(pl.len()).over(is_other)
    # Places that one kind leaves free go to the other.
    kept = ranked.with_row_index("_place").sort(rank >= MOST_CHANGES // 2, "_place")
    return kept.head(MOST_CHANGES).sort("_place").drop("_place")


def _figures(table: str, schema: type[dy.Schema], source: Source) -> list[FigureBounds]:
    """Figures of a table that are compared: those of `source.yml`, else its first number that is no bound."""
    if said := [figure for figure in source.figures if figure.table == table]:
        # One that sums the same figure of the same rows otherwise is the same figure.
        return list(
            {(figure.measure, *_filter_in_words(figure)): figure for figure in said}.values()
        )
    dtypes = schema.create_empty().schema
    first = next(
        (
            name
            for name, dtype in dtypes.items()
            if dtype == pl.Float64 and not name.endswith(SIDES) and name != "usd_per_eur"
        ),
        None,
    )
    return [FigureBounds(table=table, measure=first, figures=0)] if first else []


def _filter_in_words(figure: FigureBounds) -> list[str]:
    """Filter of the rows that are compared, as `column value`."""
    return [f"{column} {value}" for column, value in figure.only.items()]


def key_in_words(schema: type[dy.Schema]) -> pl.Expr:
    """The words of a row's key, by which a change is listed."""
    return pl.concat_str(
        [pl.col(name).cast(pl.String) for name in key_of(schema)], separator=" ", ignore_nulls=True
    ).alias("what")


def key_of(schema: type[dy.Schema]) -> list[str]:
    """The key of a table within an edition."""
    return [name for name in schema.primary_key() if name not in ("edition", "source_id")]


def _pairs(
    old: pl.DataFrame,
    new: pl.DataFrame,
    key: list[str],
    figure: FigureBounds,
    *,
    is_replaced: bool,
) -> pl.DataFrame:
    """Figures of both editions by key, null where one has none, of the periods that both have.

    Of months so far, those of as many months as before: January to April says nothing of January to June.
    Of a stock, given for one year an edition, and of a window of years the newest period of each. Of an edition whose
    bytes were replaced all periods: one that is gone is a change, not the end of a window. `fold` is 1 where nothing
    changed, infinite from or to 0, and null where one has no figure; `sum_*` are those within `by` and period.
    """
    period = figure.period
    window = [name for name in WINDOW if name in key]
    dated = [period] if period else window
    periods = [*dated, *([MONTHS_SO_FAR] if MONTHS_SO_FAR in old.columns else [])]
    columns = list(dict.fromkeys([*key, *figure.by, *periods]))
    before, after = (
        frame.select(*columns, figure_of(figure).alias(side))
        for frame, side in ((old, "before"), (new, "after"))
    )
    if dated and not is_replaced:
        both = before.select(periods).unique().join(after.select(periods).unique(), on=periods)
        if both.is_empty():
            newest = [pl.lit(new[name].max()).cast(old.schema[name]).alias(name) for name in dated]
            last = pl.col(dated[-1])
            before = before.filter(last == last.max()).with_columns(newest)
            both = before.select(periods).unique()
        before, after = (part.join(both, on=periods, how="semi") for part in (before, after))
    within = [*figure.by, *([period] if period else [])] or [pl.lit(0)]
    b, a = pl.col("before"), pl.col("after")
    fold = pl.when(b == a).then(1.0).otherwise(pl.max_horizontal((a / b).abs(), (b / a).abs()))
    return before.join(after, on=columns, how="full", coalesce=True, nulls_equal=True).with_columns(
        fold=fold,
        sum_before=b.abs().sum().over(within),
        sum_after=a.abs().sum().over(within),
        sum_moved=(a.fill_null(0) - b.fill_null(0)).abs().sum().over(within),
    )


def _moved(
    pairs: pl.DataFrame, schema: type[dy.Schema], table: str, figure: FigureBounds
) -> pl.DataFrame:
    """The figures that changed. `moved_share`: how much of the larger sum of their series did."""
    larger = pl.max_horizontal("sum_before", "sum_after")
    return pairs.filter(~pl.col("before").eq_missing(pl.col("after"))).select(
        table=pl.lit(table),
        what=key_in_words(schema),
        measure=pl.lit(figure.measure),
        before="before",
        after="after",
        fold=pl.col("fold").round(3),
        # A printed zero that went has moved nothing.
        moved_share=(pl.col("sum_moved") / larger).fill_nan(0).round(3),
        change=(
            (pl.col("after").fill_null(0) - pl.col("before").fill_null(0)).abs() / larger
        ).fill_nan(0),
    )


def _periods(
    old: pl.DataFrame, new: pl.DataFrame, key: list[str], figure: FigureBounds, before: str
) -> Outcome | None:
    """Whether the newest period's figures are those that the edition before has of another period.

    Then years were moved, or a year stands under the next one's name. None where too few figures tell.
    """
    period = figure.period
    within = [name for name in key if name != period]
    if not period or not within or new.is_empty():
        return None
    value, newest = figure_of(figure), new[period].max()
    had, has = (
        frame.filter(value != 0).select(*within, _period=period, _figure=value)
        for frame in (old, new)
    )
    shares = (
        has.filter(pl.col("_period") == newest)
        .join(had, on=within, nulls_equal=True, suffix="_before")
        .group_by("_period_before")
        .agg((pl.col("_figure") == pl.col("_figure_before")).mean(), _count=pl.len())
        .filter(pl.col("_count") >= figure.repeated_from)
        .sort("_figure", "_period_before", descending=True)
    )
    if shares.is_empty():
        return None
    likest = shares.row(0, named=True)
    other, share, count = likest["_period_before"], likest["_figure"], likest["_count"]
    return Outcome(
        other == newest or share <= figure.repeated_share,
        "stop",
        f"of another period of {before}, at most {figure.repeated_share:g} of the figures",
        f"{newest} has {share:.2f} of the {count} figures of {other} in {before}",
        {"repeated_share": share},
    )


def _magnitude(pairs: pl.DataFrame, bounds: Bounds, measure: str, before: str) -> Outcome:
    folds = pairs["fold"].drop_nulls().drop_nans()
    middle = folds.median() if not folds.is_empty() else 1.0
    middle = float(middle) if isinstance(middle, (int, float)) else 1.0
    return Outcome(
        middle <= bounds.magnitude_ratio_warn,
        checks.severity_of(middle, bounds),
        checks.magnitudes_allowed(bounds).format(than=f"{measure} of {before}, in the middle"),
        f"{middle:.3f}-fold in the middle of {len(folds)} figures",
        {"middle_fold": min(middle, 1e9)},
    )


def _coverage(
    old: pl.DataFrame, new: pl.DataFrame, key: list[str], measure: str, bounds: Bounds
) -> Outcome:
    """Series (the key without its period) of the edition before that the new one has no figure of."""
    series = [name for name in key if not any(word in name for word in PERIODS)] or key
    had, has = (
        frame.filter(pl.col(measure).is_not_null()).select(series).unique() for frame in (old, new)
    )
    lost = had.join(has, on=series, how="anti", nulls_equal=True).sort(series)
    share = lost.height / max(had.height, 1)
    return checks.coverage_outcome(
        share,
        bounds,
        f"{lost.height} of {had.height} series lost",
        lost.height,
        lost.head(20).to_dicts(),
    )
