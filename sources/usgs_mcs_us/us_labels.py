"""What several lake tables of the source add to their rows: places, row ids, shares."""

import polars as pl

from sources.reading.catalog import Source
from sources.reference.labels import with_country

# A list of countries in one cell, as in "China, Germany, and Russia"; "Korea, Republic of" is none.
COUNTRY_LIST = r"^[^,]+(, [^,]+)+,? and [^,]+$|^[A-Z]\w+ and Republic of Korea$"
SHARE_DIGITS = 6


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
