"""From published rows to the warehouse's terms: series, countries, tonnes."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.lake_schemas import Production
from sources.reading.mappings import refuse_unknown, with_mapping
from sources.reading.open_file import Tables
from sources.reading.parts import with_parts_added
from sources.reading.passport import lake_table, not_used_table
from sources.reading.values import in_tonnes, with_values_parsed
from sources.reference.labels import with_country
from sources.usgs_outlook.schema import STATISTICS

SERIES = ["edition", "published_statistic", "published_commodity", "published_stage", "unit"]
MEANING = ["first_year", "last_year", "mineral_id", "stage", "form", "basis", "not_used_reason"]
NOTE = ["statistic", "is_estimated", "is_idled", "excluded_producers"]
KEY = ["mineral_id", "stage", "form", "basis", "reference_year"]
BOUNDS = {"": "number", "_lower": "lower", "_upper": "upper"}


def _with_series(frame: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add mineral, stage, form and basis, or `not_used_reason`. A series stands for the years that it says.

    The publisher writes a unit with and without a capital; one form or unit ends where the next begins.

    Raises:
        SourceError: labels, units or years that `mappings/series.csv` lacks; all of a kind at once.
    """
    named = frame.with_columns(unit=pl.col("published_unit").str.to_lowercase())
    series = with_mapping(named, source, "series", SERIES, MEANING)
    years = pl.col("first_year").cast(pl.Int32), pl.col("last_year").cast(pl.Int32)
    outside = series.filter(~pl.col("reference_year").is_between(*years))
    refuse_unknown(source, outside, [*SERIES, "reference_year"], "series")
    return with_mapping(series, source, "units", ["unit"], ["tonnes_per_unit"])


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables. Every row is in one of them, or in `not_used` with its reason.

    Idled capacity is a form of its own beside the operating one of its year: they are not added here.

    Raises:
        SourceError: a series, note, country or value that the lists of `mappings/` lack.
    """
    labelled = _with_series(published["figure"], source)
    factor = pl.col("tonnes_per_unit").cast(pl.Float64)
    is_true = [(pl.col(name) == "true").alias(name) for name in ("is_estimated", "is_idled")]
    figures = (
        labelled.filter(pl.col("not_used_reason").is_null())
        .pipe(with_mapping, source, "notes", ["published_statistic", "published_note"], NOTE)
        .pipe(with_values_parsed, source)
        .with_columns(
            *is_true,
            *(
                in_tonnes(f"value_{name}", factor).alias(f"quantity_tonnes{end}")
                for end, name in BOUNDS.items()
            ),
        )
        .with_columns(
            form=pl.when("is_idled").then(pl.format("{}_idled", "form")).otherwise("form")
        )
    )
    whole, parts = with_parts_added(figures, source, ["edition", "statistic", *KEY])
    placed = whole.pipe(with_country, source, source.source_id, "published_country")
    return {
        **{
            statistic: lake_table(placed.filter(statistic=statistic), source, Production)
            for statistic in STATISTICS
        },
        "not_used": not_used_table(
            [rows.with_columns(label="published_commodity") for rows in (labelled, parts)], source
        ),
        "file_rows": published["file_rows"],
    }
