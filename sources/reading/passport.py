"""What every source adds to its rows on the way into the lake: who published them, when, what was not used."""

import datetime as dt
from collections.abc import Iterable

import dataframely as dy
import polars as pl

from sources.reading.catalog import Source
from sources.reading.lake_schemas import NotUsed

ACCOUNT_KEY = ["edition", "source_file", "label", "not_used_reason"]


def in_schema(frame: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """The columns of a schema, in its order and types."""
    wanted = schema.create_empty().schema
    return frame.select(pl.col(name).cast(dtype) for name, dtype in wanted.items())


def _passport_defaults(frame: pl.DataFrame) -> dict[str, pl.Expr]:
    """Columns of a figure's passport, for a frame that does not fill them itself."""
    place = pl.format("{}:{}:{}", "edition", "source_file", "file_row")
    if "file_column" in frame.columns:
        # 0 where the record is a row although others of the table are cells.
        is_cell = pl.col("file_column") > 0
        place = pl.when(is_cell).then(pl.format("{}:{}", place, "file_column")).otherwise(place)
    is_corrected = pl.col("is_corrected") if "is_corrected" in frame.columns else pl.lit(False)
    return {
        "source_row_id": place,
        "is_estimated": pl.lit(False),
        "derivation": pl.when(is_corrected)
        .then(pl.lit("corrected"))
        .otherwise(pl.lit("as_published")),
    }


def lake_table(frame: pl.DataFrame, source: Source, schema: type[dy.Schema]) -> pl.DataFrame:
    """The frame as the table of a schema: with its release, in the schema's columns, sorted by its key.

    Where the frame does not say otherwise, `source_row_id` is edition, file, row (and column), `is_estimated` is
    false, and `derivation` is `as_published`, or `corrected` by `is_corrected`.

    Raises:
        SourceError: columns of the schema that the frame lacks.
    """
    released = {edition.edition: edition.released_on for edition in source.editions}
    given = {
        name: expression
        for name, expression in _passport_defaults(frame).items()
        if name not in frame.columns and name in schema.column_names()
    }
    placed = frame.with_columns(
        source_id=pl.lit(source.source_id),
        # Of an empty mapping Polars 2.1 makes text, whatever type is asked.
        released_on=pl.col("edition").replace_strict(
            released or {"": dt.date.min}, return_dtype=pl.Date
        ),
        **given,
    )
    if missing := [name for name in schema.column_names() if name not in placed.columns]:
        raise source.error(
            problem="columns that the lake table has and the tidied rows lack",
            where=f"sources/{source.source_id}/tidy.py, {schema.__name__}",
            expected=f"every column of the schema; {schema.__module__} says what they hold",
            got=f"{len(missing)} missing",
            offenders=missing,
            next_step="add them in tidy.py; where the publisher has none: pl.lit(None, pl.String)",
        )
    return placed.select(schema.column_names()).sort(schema.primary_key())


def not_used_table(parts: Iterable[pl.DataFrame], source: Source) -> pl.DataFrame:
    """Records of each file that the warehouse does not use, counted. Shape: `NotUsed`.

    Args:
        parts: frames with `edition`, `source_file`, `not_used_reason`; `label` where a label was not used;
            and `file_rows`, or one row a record. Rows without a reason are used, and don't count.
    """
    counted = []
    for part in parts:
        rows = part.filter(pl.col("not_used_reason").is_not_null())
        label = pl.col("label") if "label" in part.columns else pl.lit("")
        records = pl.col("file_rows") if "file_rows" in part.columns else pl.lit(1)
        counted.append(
            rows.select(
                "edition", "source_file", label.alias("label"), "not_used_reason",
                records.cast(pl.UInt32).alias("file_rows"),
            )
        )  # fmt: skip
    sums = pl.concat(counted).group_by(ACCOUNT_KEY).agg(pl.col("file_rows").sum())
    return lake_table(sums, source, NotUsed)
