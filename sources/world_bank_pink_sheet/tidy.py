"""From published cells to the warehouse's terms: minerals, months, US dollars per tonne."""

import polars as pl

from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reading.passport import lake_table, not_used_table
from sources.reading.read_editions import Tables
from sources.reading.values import with_plain_numbers
from sources.world_bank_pink_sheet.layouts import FOOTNOTE, SHEET
from sources.world_bank_pink_sheet.schema import (
    UNITS_PER_TONNE,
    CommodityPrice,
)

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


def _with_mineral(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add mineral, stage and form from `mappings/commodities.csv`.

    Raises:
        SourceError: series that the table lacks or does not use, all at once.
    """
    table = pl.read_csv(source.folder / "mappings" / "commodities.csv", infer_schema=False)
    mapped = cells.with_columns(
        commodity=pl.col("published_commodity").str.strip_suffix(FOOTNOTE)
    ).join(
        table.select("commodity", "mineral_id", "stage", "form"),
        on="commodity",
        how="left",
        validate="m:1",
    )
    unknown = mapped.filter(pl.col("mineral_id").is_null())
    if not unknown.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="series that the closed table does not have",
            where=SHEET,
            expected="a row of mappings/commodities.csv for each, with a mineral",
            got=f"{unknown['published_commodity'].n_unique()} series without one",
            next_step=f"add the series to sources/{source.source_id}/mappings/commodities.csv",
            each_to_be_mapped=True,
            offenders=[repr(name) for name in unknown["published_commodity"].unique().sort()],
        )
    return mapped


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
        .pipe(_with_mineral, source)
        .pipe(_with_price, source)
        .with_columns(price_month=month.str.to_date("%Y-%m-%d"))
        .with_columns(
            source_row_id=pl.format(
                "{}:{}:{}:{}", "edition", "source_file", "file_row", "file_column"
            ),
            reference_year=pl.col("price_month").dt.year(),
            reference_month=pl.col("price_month").dt.month().cast(pl.Int32),
            is_estimated=pl.lit(value=False),
        )
        .pipe(lake_table, source, CommodityPrice)
    )
    return {
        "commodity_price": prices,
        "not_used": not_used_table([published["row_account"]], source),
        "file_rows": published["file_rows"],
    }
