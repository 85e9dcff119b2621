"""Whether figures look like those of their table: how many, how large, how many zeros, how far from year to year.

A newest year of which most figures repeat a year before is stopped: no market stands still.

Each edition is asked alone, so that an only one is asked too. What a table's figures are like says its source, in
`figures` of `source.yml` (`catalog.FigureBounds`), from its real files' own range.
"""

import math
from collections.abc import Iterator, Mapping, Sequence

import dataframely as dy
import polars as pl

from sources.reading.catalog import FigureBounds, OfOne, Range, Source
from sources.reading.checks import MAX_OFFENDERS, LakeCheck, Outcome

# Beyond a bound it warns. So many times beyond, no revision explains it: it stops.
STOPS_BEYOND = 3.0
# A figure counts in `largest_step` from this share of its sum on, in one of the two periods.
LARGE_SHARE = 0.25
# Of a smaller part of all, the newest period may lack the leader.
WORTH_NAMING = 0.0001
# Of what should not occur, one is beyond it, and two are so far beyond that they stop.
ONE_IS_WARNED = 0.5
FIGURE, PERIOD, KIND = "_figure", "_period", "geography_kind"


def figure_of(bounds: FigureBounds) -> pl.Expr:
    """The figure that these bounds are about; 1 a row where rows are counted."""
    return pl.lit(1.0) if bounds.measure == "rows" else pl.col(bounds.measure).cast(pl.Float64)


def rows_of(bounds: FigureBounds, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows of a table that these bounds are about."""
    return _of(frame, bounds.only)


def _of(frame: pl.DataFrame, only: Mapping[str, str | bool]) -> pl.DataFrame:
    """Rows of these values."""
    return frame.filter(pl.lit(value=True), **only)


def figure_checks(schemas: Mapping[str, type[dy.Schema]], source: Source) -> list[LakeCheck]:
    """One check of each table of which `figures` of the source speaks."""
    of_table = {
        table: [asked for asked in source.figures if asked.table == table] for table in schemas
    }
    return [
        LakeCheck(
            table,
            "figures_look_as_usual",
            "Count, zeros, size and steps of the figures are as in earlier files (source.yml, part figures).",
            lambda tables, table=table, asked=asked: figures_look_as_usual(
                tables[table], schemas[table], asked
            ),
        )
        for table, asked in of_table.items()
        if asked
    ]


def figures_look_as_usual(
    frame: pl.DataFrame, schema: type[dy.Schema], asked: Sequence[FigureBounds]
) -> Outcome:
    """Every statistic of every edition lies within its bound; how many times beyond the worst lies, and each that does."""
    offenders = [
        {"beyond": beyond, "edition": edition, "figure": bounds.measure, "statistic": name, "got": got, "expected": str(allowed), **where}
        for bounds in asked
        for edition, part, key in _editions(frame, schema, bounds)
        for name, allowed, got, where in _statistics(part, key, bounds)
        if (beyond := allowed.times_beyond(got))
    ]  # fmt: skip
    offenders.sort(key=lambda offender: -offender["beyond"])
    worst = offenders[0]["beyond"] if offenders else 0.0
    return Outcome(
        not offenders,
        "stop" if worst > STOPS_BEYOND else "warn",
        f"within the bounds of source.yml, part figures (stops {STOPS_BEYOND:g} times beyond)",
        "; ".join(
            f"{o['edition']}, {o['figure']}: {o['statistic']} {o['got']:.4g}, not {o['expected']}"
            for o in offenders[:4]
        )
        or "nothing beyond a bound",
        {"times_beyond": min(worst, 1e9)},
        offenders[:MAX_OFFENDERS],
    )


def _editions(
    frame: pl.DataFrame, schema: type[dy.Schema], bounds: FigureBounds
) -> Iterator[tuple[str, pl.DataFrame, list[str]]]:
    """Each edition, its rows that the bounds are about, in common names, and the key within it.

    Editions are those of the whole table: one that lost all of these rows comes without any.
    """
    key = [name for name in schema.primary_key() if name not in ("edition", bounds.period)]
    of_one = [column for one in bounds.of_each for column in one.only]
    rows = rows_of(bounds, frame).select(
        "edition",
        *dict.fromkeys([*key, *bounds.by, *bounds.kept, *(bounds.kept_leaders or ()), *of_one]),
        figure_of(bounds).alias(FIGURE),
        (pl.col(bounds.period) if bounds.period else pl.lit(0)).alias(PERIOD),
    )
    for edition in frame["edition"].unique(maintain_order=True):
        yield edition, rows.filter(pl.col("edition") == edition), key


Statistic = tuple[str, Range, float, dict[str, object]]


def _number(frame: pl.DataFrame, expression: pl.Expr) -> float:
    value = frame.select(expression).item()
    return 0.0 if value is None else float(value)


def _statistics(part: pl.DataFrame, key: list[str], bounds: FigureBounds) -> Iterator[Statistic]:
    """Each bounded statistic of one edition: its name, bound, value, and the key of the row where it was found."""
    figure = pl.col(FIGURE)
    given = part.filter(figure.is_not_null())
    yield "figures", Range(low=bounds.figures), float(given.height), {}
    yield "missing share", Range(high=bounds.missing_share), _number(part, figure.is_null().mean()), {}  # fmt: skip
    if not bounds.is_score:
        yield "zero share", Range(high=bounds.zero_share), _number(given, (figure == 0).mean()), {}
    yield from _ends(given, bounds.each)
    if bounds.typical:
        middle = figure.mean() if bounds.is_score else figure.filter(figure != 0).median()
        yield "typical figure", bounds.typical, _number(given, middle), {}
    if bounds.spread:
        yield "standard deviation", bounds.spread, _number(given, figure.std()), {}
    yield from _lost_values(given, bounds)
    if bounds.kept_leaders:
        yield from _lost_leaders(given, bounds.by, *bounds.kept_leaders)
    if bounds.period and bounds.measure != "rows":
        yield from _repeated(given.filter(figure != 0), key, bounds)
    yield from _sum_statistics(given, bounds)
    yield from _step_statistics(given, key, bounds)
    for one in bounds.of_each:
        yield from _statistics_of_one(part, key, bounds, one)


def _statistics_of_one(
    part: pl.DataFrame, key: list[str], bounds: FigureBounds, one: OfOne
) -> Iterator[Statistic]:
    """Each bounded statistic of some rows of an edition, with the values that these have."""
    rows = _of(part, one.only)
    given = rows.filter(pl.col(FIGURE).is_not_null())
    of_one: dict[str, object] = {**one.only}
    statistics = [
        ("figures", Range(low=one.figures), float(given.height), {}),
        ("missing share", Range(high=one.missing_share), _number(rows, pl.col(FIGURE).is_null().mean()), {}),
        *_ends(given, one.each),
        *_largest_step(given, key, bounds, one.largest_step),
    ]  # fmt: skip
    for name, allowed, got, where in statistics:
        yield f"{name} of {', '.join(map(str, one.only.values()))}", allowed, got, of_one | where


def _ends(given: pl.DataFrame, allowed: Range | None) -> Iterator[Statistic]:
    """The smallest and the largest figure."""
    if allowed and given.height:
        yield "smallest figure", allowed, _number(given, pl.col(FIGURE).min()), {}
        yield "largest figure", allowed, _number(given, pl.col(FIGURE).max()), {}


def _lost_values(given: pl.DataFrame, bounds: FigureBounds) -> Iterator[Statistic]:
    """How many values of each column the newest period lacks, of those of the period before."""
    *earlier, newest = given[PERIOD].unique().sort() if given.height else [0]
    before = given.filter(pl.col(PERIOD) == earlier[-1]) if earlier else given.clear()
    after = given.filter(pl.col(PERIOD) == newest)
    allowed = Range(high=ONE_IS_WARNED if bounds.one_may_lack else 0)
    for column in bounds.kept:
        lost = sorted(set(before[column]) - set(after[column]))
        place = {column: ", ".join(map(str, lost)), "period": newest} if lost else {}
        yield f"values of {column} that lack", allowed, float(len(lost)), place


def _lost_leaders(
    given: pl.DataFrame, by: Sequence[str], good: str, seller: str
) -> Iterator[Statistic]:
    """How many goods, and leading sellers of one, the newest period of each `by` lacks, of those of the period before."""
    within = [*by] or ["_all"]
    share = pl.col(FIGURE) / pl.col(FIGURE).sum()
    sold = (
        given.with_columns(_all=pl.lit(0))
        .group_by(*within, PERIOD, good, seller)
        .agg(pl.col(FIGURE).sum())
        .filter(pl.col(FIGURE) > 0)
        .with_columns(
            _age=pl.col(PERIOD).rank("dense", descending=True).over(within),
            _of_good=share.over(*within, PERIOD, good),
            _of_all=share.over(*within, PERIOD),
        )
        .sort(*within, FIGURE, good, seller, descending=True)
    )
    before, newest = sold.filter(_age=2), sold.filter(_age=1)
    leads = (pl.col("_of_good") >= LARGE_SHARE) & (pl.col("_of_all") >= WORTH_NAMING)
    for name, asked, rows in (
        ("goods that lack", [good], before.unique([*within, good], maintain_order=True)),
        ("leading sellers that lack", [good, seller], before.filter(leads)),
    ):
        lost = rows.join(newest, on=[*within, *asked], how="anti", maintain_order="left")
        named = [
            " ".join(str(row[key]) for key in [*by, *asked])
            for row in lost.head(MAX_OFFENDERS).to_dicts()
        ]
        place = {"lack": ", ".join(named), "last_sold": lost[0, PERIOD]} if named else {}
        yield name, Range(high=ONE_IS_WARNED), float(lost.height), place


class _Limit(Range):
    """An end beyond which nothing is only warned of."""

    def times_beyond(self, value: float) -> float:
        return math.inf if super().times_beyond(value) else 0.0


def _repeated(given: pl.DataFrame, key: list[str], bounds: FigureBounds) -> Iterator[Statistic]:
    """How many of the newest period's figures are those of the period before that it is most like."""
    is_newest = pl.col(PERIOD) == pl.col(PERIOD).max()
    pairs = given.filter(is_newest).join(
        given.filter(~is_newest), on=key, nulls_equal=True, suffix="_before"
    )
    likest = (
        pairs.group_by(f"{PERIOD}_before")
        .agg(
            pl.col(PERIOD).first(),
            (pl.col(FIGURE) == pl.col(f"{FIGURE}_before")).mean(),
            _count=pl.len(),
        )
        .filter(pl.col("_count") >= bounds.repeated_from)
        .sort(FIGURE, f"{PERIOD}_before", descending=True)
    )
    for row in likest.head(1).to_dicts():
        place = {
            "period": row[PERIOD],
            "repeats": row[f"{PERIOD}_before"],
            "figures_of_both": row["_count"],
        }
        yield "share of the newest period's figures that repeat one before", _Limit(high=bounds.repeated_share), row[FIGURE], place  # fmt: skip


def _sum_statistics(given: pl.DataFrame, bounds: FigureBounds) -> Iterator[Statistic]:
    """Statistics of the sums within `by` and a period."""
    figure = pl.col(FIGURE)
    sums = given.group_by(*bounds.by, PERIOD).agg(figure.sum(), _count=pl.len())
    if bounds.sums:
        for found in (figure == figure.min(), figure == figure.max()):
            row = sums.filter(found).head(1).to_dicts()
            yield from (("sum", bounds.sums, of[FIGURE], _place(of)) for of in row)
    if bounds.parts:
        yield from _parts(given, bounds.parts, [name for name in bounds.by if name != KIND])
    if bounds.total_step:
        yield from _largest(sums, [*bounds.by], bounds.total_step, "step of a sum")
    if bounds.count_step:
        counts = sums.with_columns(pl.col("_count").cast(pl.Float64).alias(FIGURE))
        yield from _largest(counts, [*bounds.by], bounds.count_step, "step of a count")


def _step_statistics(
    given: pl.DataFrame, key: list[str], bounds: FigureBounds
) -> Iterator[Statistic]:
    """Statistics of the change from one period to the next."""
    if bounds.typical_step:
        steps = _steps(given, key, _change(is_score=bounds.is_score))
        middle = steps.group_by(PERIOD).agg(pl.col("step").median())
        top = middle.sort("step", PERIOD, descending=True).head(1)
        yield from _named("typical step", bounds.typical_step, top)
    yield from _largest_step(given, key, bounds, bounds.largest_step)


def _largest_step(
    given: pl.DataFrame, key: list[str], bounds: FigureBounds, allowed: float | None
) -> Iterator[Statistic]:
    """The largest step of a figure, be it a score or a quarter of its sum."""
    if allowed is None:
        return
    steps = _steps(given, key, _change(is_score=bounds.is_score))
    if not bounds.is_score:
        share = pl.col(FIGURE) / pl.col(FIGURE).sum().over(*bounds.by, PERIOD)
        shares = given.select(*key, PERIOD, _share=share)
        steps = steps.join(shares, on=[*key, PERIOD], how="left", nulls_equal=True)
        before = shares.rename({PERIOD: "_before", "_share": "_share_before"})
        steps = steps.join(before, on=[*key, "_before"], how="left", nulls_equal=True).filter(
            pl.max_horizontal("_share", "_share_before") >= LARGE_SHARE
        )
    top = steps.filter(pl.col("step").is_finite()).sort("step", descending=True).head(1)
    yield from _named("largest step", allowed, top.select(*key, PERIOD, "step"))


def _parts(given: pl.DataFrame, allowed: Range, by: list[str]) -> Iterator[Statistic]:
    """The least and the largest sum of countries and rest, over the world total beside them."""
    is_world = pl.col(KIND) == "world"
    shares = (
        given.group_by(*by, PERIOD)
        .agg(
            pl.col(FIGURE).filter(is_world).sum().alias("_world"),
            pl.col(FIGURE).filter(~is_world).sum().alias("_parts"),
            pl.col(FIGURE).filter(~is_world).len().alias("_count"),
            is_world.sum().alias("_worlds"),
        )
        # Beside a bound ("more than 800,000") or no total, nothing is compared.
        .filter(
            pl.min_horizontal("_count", "_worlds") > 0, pl.max_horizontal("_world", "_parts") > 0
        )
        .with_columns(pl.col("_parts") / pl.col("_world"))
        .sort("_parts", *by, PERIOD)
    )
    for row in pl.concat([shares.head(1), shares.tail(1)]).to_dicts():
        yield "parts of the world total", allowed, row["_parts"], _place(row)


def _change(*, is_score: bool) -> pl.Expr:
    """Of a figure from the period before: the difference of two scores, the fold of two quantities."""
    now, before = pl.col(FIGURE), pl.col(FIGURE).shift()
    return (now - before).abs() if is_score else pl.max_horizontal(now / before, before / now)


def _steps(frame: pl.DataFrame, key: list[str], change: pl.Expr) -> pl.DataFrame:
    """Each figure's change from the period before, with that period's place."""
    ordered = frame.sort(*key, PERIOD)
    same = pl.all_horizontal(
        pl.lit(value=True), *(pl.col(name).eq_missing(pl.col(name).shift()) for name in key)
    )
    return ordered.with_columns(step=change, _before=pl.col(PERIOD).shift()).filter(
        same, pl.col("step").is_not_null(), ~pl.col("step").is_nan()
    )


def _largest(frame: pl.DataFrame, key: list[str], bound: float, name: str) -> Iterator[Statistic]:
    steps = _steps(frame, key, _change(is_score=False)).sort("step", descending=True)
    return _named(name, bound, steps.head(1).select(*key, PERIOD, "step"))


def _named(name: str, bound: float, top: pl.DataFrame) -> Iterator[Statistic]:
    for row in top.to_dicts():
        yield name, Range(high=bound), row["step"], _place(row)


def _place(row: dict[str, object]) -> dict[str, object]:
    named = {
        name: value for name, value in row.items() if not name.startswith("_") and name != "step"
    }
    return named | ({"period": row[PERIOD]} if row[PERIOD] != 0 else {})
