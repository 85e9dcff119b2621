"""What every source adds to its rows on the way into the lake: who published them, when, what was not used."""

from collections.abc import Iterable

import dataframely as dy
import polars as pl

from sources.reading.catalog import Edition, Source
from sources.reading.lake_schemas import NotUsed

ACCOUNT_KEY = ["edition", "source_file", "label", "not_used_reason"]


def with_release(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """The frame with `source_id`, and `released_on` of each row's edition."""
    released = {edition.edition: edition.released_on for edition in source.editions}
    return frame.with_columns(
        source_id=pl.lit(source.source_id),
        released_on=pl.col("edition").replace_strict(released, return_dtype=pl.Date),
    )


def in_schema(frame: pl.DataFrame, schema: type[dy.Schema]) -> pl.DataFrame:
    """The columns of a schema, in its order and types."""
    wanted = schema.create_empty().schema
    return frame.select(pl.col(name).cast(dtype) for name, dtype in wanted.items())


def lake_table(frame: pl.DataFrame, source: Source, schema: type[dy.Schema]) -> pl.DataFrame:
    """The frame as the table of a schema: with its release, in the schema's columns, sorted by its key."""
    return with_release(frame, source).select(schema.column_names()).sort(schema.primary_key())


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


def file_rows(edition: Edition, source_file: str, records: int) -> pl.DataFrame:
    """How many records one file holds. Shape: `FileRows`, one row."""
    return pl.DataFrame(
        {"edition": [edition.edition], "source_file": [source_file], "file_rows": [records]},
        schema_overrides={"file_rows": pl.UInt32},
    )
