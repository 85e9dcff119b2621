"""Closed tables of a source's `mappings/`: every label mapped, or not used with the reason."""

from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source
from sources.reading.errors import SourceError


def mapping(source: Source, name: str) -> pl.DataFrame:
    """A table of `mappings/`, all text, empty cells null."""
    return pl.read_csv(source.folder / "mappings" / f"{name}.csv", infer_schema=False)


def with_mapping(
    frame: pl.DataFrame,
    source: Source,
    name: str,
    on: Sequence[str],
    meaning: Sequence[str],
    *,
    several: bool = False,
) -> pl.DataFrame:
    """Join `mappings/<name>.csv` on its columns `on` and add its columns `meaning`.

    Args:
        several: a published label may have several rows of meaning (a list of commodities).

    Raises:
        SourceError: labels that the table lacks, all at once.
    """
    table = mapping(source, name).select(*on, *meaning, pl.lit(value=True).alias("_is_mapped"))
    joined = frame.join(
        table, on=list(on), how="left", nulls_equal=True, validate="m:m" if several else "m:1"
    )
    unknown = joined.filter(pl.col("_is_mapped").is_null())
    if not unknown.is_empty():
        refuse_unknown(source, unknown, on, f"mappings/{name}.csv")
    return joined.drop("_is_mapped")


def refuse_unknown(source: Source, unknown: pl.DataFrame, keys: Sequence[str], where: str) -> None:
    """Stop the run for labels that a closed table lacks.

    Raises:
        SourceError: always; it names each label, how often it occurs, and where first.
    """
    found = (
        unknown.group_by("source_file", *keys)
        .agg(count=pl.len(), first=pl.col("file_row").min())
        .sort("source_file", "first", *keys)
    )
    raise SourceError(
        source=source.source_id,
        problem="labels that a closed table does not have",
        where=", ".join(unknown["source_file"].unique().sort())[:300],
        expected=f"a row of {where} for each, mapped or 'not used' with a reason",
        got=f"{found.height} labels without one",
        next_step=f"look at the file, then add the label to sources/{source.source_id}/{where}",
        each_to_be_mapped=True,
        offenders=[
            f"{row['source_file']}, row {row['first']}: "
            + ", ".join(f"{key} {row[key]!r}" for key in keys)
            + f" ({row['count']} records)"
            for row in found.iter_rows(named=True)
        ],
    )
