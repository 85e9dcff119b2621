"""Closed tables of a source's `mappings/`: every label mapped, or not used with the reason."""

from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source
from sources.reading.refusals import refuse_rows


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
    refuse_unknown(source, joined.filter(pl.col("_is_mapped").is_null()), on, name)
    return joined.drop("_is_mapped")


def refuse_unknown(source: Source, unknown: pl.DataFrame, keys: Sequence[str], name: str) -> None:
    """Stop the run where there are labels that a closed table lacks.

    Raises:
        SourceError: it names each label, how often it occurs, and where first.
    """
    refuse_rows(
        unknown,
        source,
        "labels that a closed table does not have",
        by=["source_file", *keys],
        row="{source_file}, row {first}: "
        + ", ".join(f"{key} {{{key}!r}}" for key in keys)
        + " ({count} records)",
        expected=f"a row of mappings/{name}.csv for each, mapped or 'not used' with a reason",
        got="{labels} labels without one",
        next_step=(
            f"look at the file, then add the label to sources/{source.source_id}/mappings/{name}.csv"
        ),
        each_to_be_mapped=True,
    )


def with_listed_records(frame: pl.DataFrame, source: Source, key: Sequence[str]) -> pl.DataFrame:
    """Set `not_used_reason` for the single records of `mappings/not_used_records.csv`, found by `key`.

    Of files that the frame does not hold no record is asked for.

    Raises:
        SourceError: a listed record is no longer where the list says.
    """
    listed = mapping(source, "not_used_records").with_columns(pl.col("file_row").cast(pl.UInt32))
    here = listed.join(frame, on=["edition", "source_file"], how="semi")
    gone = here.join(frame, on=list(key), how="anti")
    words = [name for name in key if name.startswith("published_")]
    what = [name.removeprefix("published_") for name in words]
    refuse_rows(
        gone,
        source,
        "records listed as not used are no longer there",
        where=f"sources/{source.source_id}/mappings/not_used_records.csv",
        row="{source_file}, row {file_row}: " + ", ".join(f"{{{name}}}" for name in words),
        expected=f"the {' and '.join(what)} of the list in that row of the file",
        got=f"{{rows}} of {here.height} not found",
        next_step="the publisher may have mended it: look at the file, then remove or adapt the row",
    )
    return (
        frame.join(
            here.select(*key, listed_reason="not_used_reason"),
            on=list(key),
            how="left",
            validate="m:1",
        )
        .with_columns(
            not_used_reason=pl.coalesce("listed_reason", "not_used_reason")
            if "not_used_reason" in frame.columns
            else pl.col("listed_reason")
        )
        .drop("listed_reason")
    )
