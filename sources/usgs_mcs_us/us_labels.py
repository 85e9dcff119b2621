"""What several lake tables of the source add to their rows: places, shares."""

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


def as_shares(frame: pl.DataFrame, name: str) -> pl.DataFrame:
    """Values in percent to shares 0 to 1: columns `name`, `name_lower`, `name_upper`.

    An open bound of a share closes at 1 (`>50` means 0.5 to 1).
    """
    # Rounded, so that 57 percent is 0.57 and no neighbour of it.
    number, lower, upper = (
        (pl.col(f"value_{part}") / 100).round(SHARE_DIGITS) for part in ("number", "lower", "upper")
    )
    is_open = lower.is_not_null() & upper.is_null()
    return frame.with_columns(
        number.alias(name),
        lower.alias(f"{name}_lower"),
        pl.when(is_open).then(pl.lit(1.0)).otherwise(upper).alias(f"{name}_upper"),
    )
