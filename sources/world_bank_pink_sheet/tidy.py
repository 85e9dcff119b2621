"""From published cells to the warehouse's terms: minerals, months, US dollars per tonne."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.mappings import with_mapping
from sources.reading.open_file import Tables
from sources.reading.passport import lake_table, not_used_table
from sources.reading.values import with_plain_numbers
from sources.world_bank_pink_sheet.layouts import FOOTNOTE, SHEET
from sources.world_bank_pink_sheet.schema import UNITS_PER_TONNE, CommodityPrice

NUMBER = r"^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"


def _with_price(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `value_status`, `price_usd_per_tonne` and `derivation`.

    Raises:
        SourceError: cells that are neither a positive number nor a known token, all at once.
    """
    factor = pl.col("published_unit").replace_strict(UNITS_PER_TONNE, return_dtype=pl.Float64)
    return with_plain_numbers(
        cells,
        source,
        number=NUMBER,
        is_positive=True,
        where=SHEET,
        expected="a positive number",
        labels=["published_commodity", "published_month"],
    ).with_columns(
        price_usd_per_tonne=pl.col("value_number") * factor,
        derivation=pl.when((pl.col("value_status") == "numeric") & (factor != 1))
        .then(pl.lit("converted"))
        .otherwise(pl.lit("as_published")),
    )


def tidy(published: Tables, source: Source) -> Tables:
    """Lake tables from published tables.

    Every cell is either in `commodity_price` or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown series, unreadable cells; all of a kind at once.
    """
    files = published["file_rows"].select("edition", "source_file")
    month = pl.col("published_month").str.replace("M", "-") + "-01"
    prices = (
        published["price_cell"]
        .join(files, on="edition", how="left", validate="m:1")
        .with_columns(commodity=pl.col("published_commodity").str.strip_suffix(FOOTNOTE))
        .pipe(with_mapping, source, "commodities", ["commodity"], ["mineral_id", "stage", "form"])
        .pipe(_with_price, source)
        .with_columns(price_month=month.str.to_date("%Y-%m-%d"))
        .with_columns(
            reference_year=pl.col("price_month").dt.year(),
            reference_month=pl.col("price_month").dt.month().cast(pl.Int32),
        )
        .pipe(lake_table, source, CommodityPrice)
    )
    return {
        "commodity_price": prices,
        "not_used": not_used_table([published["row_account"]], source),
        "file_rows": published["file_rows"],
    }
