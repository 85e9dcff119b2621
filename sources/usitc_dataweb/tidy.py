"""From published cells to the warehouse's terms: flows, partners, periods, dollars; the rest is accounted for."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.refusals import refuse_rows
from sources.reference.labels import with_country
from sources.usitc_dataweb.layouts import TO_DATE, VALUE_SHEETS
from sources.usitc_dataweb.schema import UsTrade

FLOWS = {"Imports For Consumption": "import", "Domestic Exports": "export"}
MEASURES = {
    "Customs Value": "value",
    "FAS Value": "value",
    "First Unit of Quantity": "first_quantity",
    "Second Unit of Quantity": "second_quantity",
}
VALUE_PREFIX = "Value for: "
NO_UNIT = "no units collected"
MONTHS = {
    f"Jan - {name}": number
    for number, name in enumerate(
        ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 1
    )
}


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables. Every cell is in `us_trade`, or in `not_used` with its reason.

    Raises:
        SourceError: a heading, title, country or unit that the lists of `mappings/` lack, or a figure for
            a year that is not over; all of a kind at once.
    """
    rows = with_mapping(
        published["trade_cell"].with_columns(
            published_quantity=pl.col("published_quantity").str.strip_prefix(VALUE_PREFIX),
            reference_year=pl.col("published_period").str.slice(0, 4).cast(pl.Int32),
        ),
        source,
        "headings",
        on=["published_heading", "published_title"],
        meaning=["heading_name", "other_goods", "not_used_reason"],
    )
    trade = (
        rows.filter(pl.col("not_used_reason").is_null())
        .pipe(with_country, source, source.source_id, "published_country")
        .pipe(
            with_mapping, source, "quantity_units",
            on=["published_quantity"], meaning=["quantity_unit"],
        )
        .pipe(_with_period, source)
        .pipe(_with_figures)
        .with_columns(
            flow=pl.col("published_flow").replace_strict(FLOWS),
            measure=pl.col("published_type").replace_strict(MEASURES),
            hs4=pl.col("published_heading"),
            partner_iso3=pl.col("country_iso3"),
            quantity_description=pl.col("published_quantity"),
            source_row_id=pl.format(
                "{}:{}:{}:{}:{}", "edition", "source_file", "sheet", "file_row", "file_column"
            ),
        )
    )  # fmt: skip
    return {
        "us_trade": lake_table(trade, source, UsTrade),
        "not_used": not_used_table([rows.with_columns(label="published_heading")], source),
        "file_rows": published["file_rows"],
    }


def _with_period(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `period_kind`, `period_months` and `is_over`: whether the period's figures were out on the day of download.

    A year has 0 in every row until its December is out, five weeks into the next.

    Raises:
        SourceError: a figure for a year that was not over.
    """
    released = {edition.edition: edition.released_on.year for edition in source.editions}
    is_to_date = pl.col("sheet").str.ends_with(TO_DATE)
    is_printed = (
        (pl.col("sheet").is_in(list(VALUE_SHEETS.values())) & (pl.col("published_value") != "0"))
        .any()
        .over("edition", "source_file", "reference_year")
    )
    known = cells.with_columns(
        period_kind=pl.when(is_to_date).then(pl.lit("year_to_date")).otherwise(pl.lit("year")),
        period_months=pl.when(is_to_date)
        .then(pl.col("published_months").replace_strict(MONTHS, return_dtype=pl.Int32))
        .otherwise(12),
        is_over=is_to_date
        | is_printed
        & (pl.col("reference_year") < pl.col("edition").replace_strict(released, return_dtype=pl.Int32)),
    )  # fmt: skip
    refuse_rows(
        known.filter(~pl.col("is_over") & (pl.col("published_value") != "0")),
        source,
        "figures for a year that was not over",
        row="{sheet}, row {file_row}, {published_period}: {published_value}",
        expected="0 in every row of the year in which the file was made: not yet known",
        got="{rows} cells with a figure",
        next_step="look at the workbook: DataWeb may have changed what such a year means",
    )
    return known


def _with_figures(cells: pl.DataFrame) -> pl.DataFrame:
    """Add `value_usd`, `quantity`, `quantity_lower`, `value_status`, `published_unit`."""
    number = pl.col("published_value").cast(pl.Float64)
    suppressed = pl.col("suppressed_records").cast(pl.Int32).fill_null(0)
    is_value = pl.col("published_type").replace_strict(MEASURES) == "value"
    return (
        cells.with_columns(
            suppressed_records=suppressed,
            value_status=pl.when(~pl.col("is_over"))
            .then(pl.lit("not_available"))
            .when(~is_value & (pl.col("published_quantity") == NO_UNIT))
            .then(pl.lit("not_applicable"))
            .when((suppressed > 0) & (number > 0))
            .then(pl.lit("bounded"))
            .when(suppressed > 0)
            .then(pl.lit("withheld"))
            .when(number == 0)
            .then(pl.lit("zero"))
            .otherwise(pl.lit("numeric")),
        )
        .with_columns(is_known=pl.col("value_status").is_in(["numeric", "zero"]))
        .with_columns(
            value_usd=pl.when(is_value & pl.col("is_known")).then(number),
            quantity=pl.when(~is_value & pl.col("is_known")).then(number),
            quantity_lower=pl.when(pl.col("value_status") == "bounded").then(number),
            published_unit=pl.when(is_value)
            .then(pl.lit("US dollars"))
            .otherwise("published_quantity"),
        )
    )
