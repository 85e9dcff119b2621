"""Closed mapping tables of the source, and what every lake table adds to its rows.

Belongs here: joining a table of `mappings/` to published rows, and the passport. A label that a table
lacks stops the run, all of them at once; nothing is guessed.
"""

from collections.abc import Sequence

import polars as pl

from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reference.labels import with_country

# A list of countries in one cell, as in "China, Germany, and Russia"; "Korea, Republic of" is none.
COUNTRY_LIST = r"^[^,]+(, [^,]+)+,? and [^,]+$|^[A-Z]\w+ and Republic of Korea$"
SHARE_DIGITS = 6


def mapping(source: Source, name: str) -> pl.DataFrame:
    """A table of `mappings/`, all text, empty cells null."""
    return pl.read_csv(source.folder / "mappings" / f"{name}.csv", infer_schema=False)


def with_mapping(
    frame: pl.DataFrame,
    source: Source,
    name: str,
    keys: Sequence[str],
    meaning: Sequence[str],
    *,
    several: bool = False,
) -> pl.DataFrame:
    """Join `mappings/<name>.csv` on `keys` and add its columns `meaning`.

    Args:
        several: a published label may have several rows of meaning (a list of commodities).

    Raises:
        SourceError: labels that the table lacks, all at once.
    """
    table = mapping(source, name).select(*keys, *meaning, pl.lit(value=True).alias("_is_mapped"))
    joined = frame.join(
        table, on=list(keys), how="left", nulls_equal=True, validate="m:m" if several else "m:1"
    )
    unknown = joined.filter(pl.col("_is_mapped").is_null())
    if not unknown.is_empty():
        refuse_unknown(source, unknown, keys, f"mappings/{name}.csv")
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


def with_place(frame: pl.DataFrame, source: Source, label: str) -> pl.DataFrame:
    """Add `geography_kind`, `geography_id`, `country_iso3`; a list of countries is a `group`.

    Raises:
        SourceError: countries that scheme `usgs_name` lacks.
    """
    is_list = pl.col(label).str.contains(COUNTRY_LIST)
    lists = frame.filter(is_list).with_columns(
        country_iso3=pl.lit(None, pl.String),
        geography_kind=pl.lit("group"),
        geography_id=pl.col(label),
    )
    single = with_country(frame.filter(~is_list), source, "usgs_name", label)
    return pl.concat([single, lists.select(single.columns)])


def with_row_id(frame: pl.DataFrame) -> pl.DataFrame:
    """Add `source_row_id`: edition, file, line, and column if wide."""
    column = (
        pl.when(pl.col("file_column") > 0)
        .then(pl.format(":{}", "file_column"))
        .otherwise(pl.lit(""))
        if "file_column" in frame.columns
        else pl.lit("")
    )
    return frame.with_columns(
        source_row_id=pl.format("{}:{}:{}{}", "edition", "source_file", "file_row", column),
    )


def as_shares(frame: pl.DataFrame, name: str, percent: tuple[str, str, str]) -> pl.DataFrame:
    """Percent to shares 0 to 1: columns `name`, `name_lower`, `name_upper`.

    An open bound of a share closes at 1 (`>50` means 0.5 to 1).
    """
    # Rounded, so that 57 percent is 0.57 and no neighbour of it.
    number, lower, upper = ((pl.col(column) / 100).round(SHARE_DIGITS) for column in percent)
    is_open = pl.col(percent[1]).is_not_null() & pl.col(percent[2]).is_null()
    return frame.with_columns(
        number.alias(name),
        lower.alias(f"{name}_lower"),
        pl.when(is_open).then(pl.lit(1.0)).otherwise(upper).alias(f"{name}_upper"),
    )
