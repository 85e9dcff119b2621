"""A new edition beside the one before: rows, coverage, magnitude, the ten largest changes.

Whether a change is too large is judged by the bounds of `source.yml`. Tables of production, reserves and
capacity have checks of their own (`sources.reading.checks`), in world totals; here every other table with a key
and figures is judged by the middle one of its changes, which a unit slip moves and a revision does not.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import dataframely as dy
import polars as pl

from sources.reading import checks
from sources.reading.catalog import Bounds
from sources.reading.checks import Outcome
from sources.reading.lake_schemas import Production

MOST_CHANGES = 10
SIDES = ("_lower", "_upper", "_low", "_high")
PERIODS = ("year", "month", "period")
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


def compare(
    schemas: Mapping[str, type[dy.Schema]],
    before: dict[str, pl.DataFrame],
    after: dict[str, pl.DataFrame],
    names: tuple[str, str],
    bounds: Bounds,
) -> Comparison:
    """Compare an edition with another.

    Args:
        before: lake tables that hold the other edition.
        after: lake tables that hold the new one.
        names: of the other edition and of the new one; equal where bytes were replaced.
    """
    told = Comparison(names[1], names[0])
    changes: list[pl.DataFrame] = []
    for table, schema in schemas.items():
        if "edition" not in schema.column_names():
            continue
        old = before[table].filter(pl.col("edition") == names[0])
        new = after[table].filter(pl.col("edition") == names[1])
        told.rows[table] = (old.height, new.height)
        key = [name for name in schema.primary_key() if name not in ("edition", "source_id")]
        measure = _measure(schema)
        if measure is None or not key or set(key) & set(PLACES) or old.is_empty():
            continue
        pairs = _pairs(old, new, key, measure)
        changes.append(_named(pairs, key, table, measure))
        if schema is not Production:
            told.outcomes[f"{table}: magnitude"] = _magnitude(pairs, bounds, measure, names[0])
            told.outcomes[f"{table}: coverage"] = _coverage(old, new, key, measure, bounds)
    if changes:
        largest = pl.concat(changes).sort("fold", "what", descending=[True, False])
        told.changes = largest.head(MOST_CHANGES).to_dicts()
    return told


def _measure(schema: type[dy.Schema]) -> str | None:
    """The figure of a table: its first number that is neither a bound nor a price of money."""
    dtypes = schema.create_empty().schema
    return next(
        (
            name
            for name, dtype in dtypes.items()
            if dtype == pl.Float64 and not name.endswith(SIDES) and name != "usd_per_eur"
        ),
        None,
    )


def _pairs(old: pl.DataFrame, new: pl.DataFrame, key: list[str], measure: str) -> pl.DataFrame:
    """Figures of both editions by key, with their fold (1 is unchanged); only where both have one."""
    joined = old.select(*key, before=measure).join(
        new.select(*key, after=measure), on=key, nulls_equal=True
    )
    ratio = pl.col("after") / pl.col("before")
    return joined.filter(ratio.is_finite() & (ratio > 0)).with_columns(
        fold=pl.max_horizontal(ratio, 1 / ratio)
    )


def _named(pairs: pl.DataFrame, key: list[str], table: str, measure: str) -> pl.DataFrame:
    what = pl.concat_str(
        [pl.col(name).cast(pl.String) for name in key], separator=" ", ignore_nulls=True
    )
    return pairs.select(
        table=pl.lit(table), what=what, measure=pl.lit(measure), before="before", after="after",
        fold=pl.col("fold").round(3),
    )  # fmt: skip


def _magnitude(pairs: pl.DataFrame, bounds: Bounds, measure: str, before: str) -> Outcome:
    middle = pairs["fold"].median() if not pairs.is_empty() else 1.0
    middle = float(middle) if isinstance(middle, (int, float)) else 1.0
    return Outcome(
        middle <= bounds.magnitude_ratio_warn,
        checks.severity_of(middle, bounds),
        checks.magnitudes_allowed(bounds).format(than=f"{measure} of {before}, in the middle"),
        f"{middle:.3f}-fold in the middle of {pairs.height} figures",
        {"middle_fold": middle},
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
