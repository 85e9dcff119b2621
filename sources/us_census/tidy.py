"""From published rows to the common table of months: countries, lines, tonnes; the rest is accounted for."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.lake_schemas import MonthTrade
from sources.reading.mappings import with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reference.asked import lines_not_asked
from sources.reference.labels import reference_list, with_iso3
from sources.us_census.layouts import IS_COUNTRY, TOTAL

# The United States in Schedule C.
OWN = "1000"


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables. Every row is in `month_trade`, or in `not_used` with its reason.

    Raises:
        SourceError: a country or unit that the lists of `mappings/` lack; all of a kind at once.
    """
    lines = reference_list("hs_lines")["hs6"].unique().to_list()
    rows = published["import_row"].with_columns(
        hs6=pl.col("published_code").str.slice(0, 6),
        reference_year=pl.col("published_month").str.slice(0, 4).cast(pl.Int32),
        reference_month=pl.col("published_month").str.slice(5, 2).cast(pl.Int32),
    )
    rows = rows.with_columns(
        not_used_reason=pl.when(pl.col("published_country") == TOTAL)
        .then(pl.lit("total over all countries"))
        .when(~IS_COUNTRY)
        .then(pl.lit("group of countries"))
        .when(pl.col("published_country") == OWN)
        .then(pl.lit("goods that come back"))
        .when(~pl.col("hs6").is_in(lines))
        .then(pl.lit("line outside reference/hs_lines.csv"))
        .when(pl.col("published_value") == "0")
        .then(pl.lit("no imports for consumption in the month"))
    )
    trade = (
        rows.filter(pl.col("not_used_reason").is_null())
        .pipe(with_iso3, source, source.source_id, "published_country", "partner_iso3")
        .pipe(
            with_mapping,
            source,
            "units",
            on=["published_unit"],
            meaning=["quantity_unit", "tonnes"],
        )
        .with_columns(
            published_partner=pl.col("published_country_name"),
            reporter_iso3=pl.lit("USA"),
            flow=pl.lit("import"),
            hs_code=pl.col("published_code"),
            value=pl.col("published_value").cast(pl.Float64),
            currency=pl.lit("USD"),
            is_quantity_estimated=pl.lit(None, pl.Boolean),
            quantity_status=pl.when(pl.col("quantity_unit").is_null())
            .then(pl.lit("not_applicable"))
            .when(pl.col("published_quantity") == "0")
            .then(pl.lit("not_available"))
            .otherwise(pl.lit("numeric")),
        )
        .with_columns(
            quantity=pl.when(pl.col("quantity_status") == "numeric").then(
                pl.col("published_quantity").cast(pl.Float64)
            )
        )
        .with_columns(quantity_tonnes_gross=pl.col("quantity") * pl.col("tonnes").cast(pl.Float64))
    )
    return {
        "month_trade": lake_table(trade, source, MonthTrade),
        "line_not_asked": lines_not_asked(published["asked_code"], source),
        "not_used": not_used_table([rows.with_columns(label="published_code")], source),
        "file_rows": published["file_rows"],
    }
