"""From published rows to the warehouse's terms: minerals, countries, tonnes; the rest is accounted for."""

import polars as pl

from sources._template.schema import Output
from sources.reading.catalog import Source
from sources.reading.mappings import with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.values import with_values_parsed
from sources.reference.labels import with_country

TONNES_PER_UNIT = 1_000.0
LABELS = ("published_country", "published_mineral", "reference_year")


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables. Every row is in `output`, or in `not_used` with its reason.

    Raises:
        SourceError: a mineral, country or value that the lists of `mappings/` lack; all of a kind at once.
    """
    rows = with_mapping(
        published["output"],
        source,
        "minerals",
        on=["published_mineral"],
        meaning=["mineral_id", "not_used_reason"],
    )
    output = (
        rows.filter(pl.col("not_used_reason").is_null())
        # `mappings/countries.csv`; a scheme of sources/reference/country_aliases.csv does as well.
        .pipe(with_country, source, source.source_id, "published_country")
        # `mappings/value_tokens.csv` says what a word or a zero means: a missing figure is never 0.
        .pipe(with_values_parsed, source, LABELS)
        .with_columns(
            published_unit=pl.lit("thousand tonnes"),
            output_tonnes=pl.col("value_number") * TONNES_PER_UNIT,
        )
    )
    return {
        "output": lake_table(output, source, Output),
        "not_used": not_used_table([rows.with_columns(label="published_mineral")], source),
        "file_rows": published["file_rows"],
    }
