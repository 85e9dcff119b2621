"""From published cells to the warehouse's terms: minerals, months, US dollars per tonne.

`read_files` turns publishers' bytes into the published tables (the very tables of `snapshot/`);
`tidy` turns published tables, from wherever they came, into the lake's tables.
"""

from pathlib import Path

import dataframely as dy
import polars as pl

from sources.reading.catalog import Source, load_source
from sources.reading.errors import SourceError
from sources.reading.read_editions import read_editions
from sources.reading.values import with_plain_numbers
from sources.world_bank_pink_sheet.layouts import FOOTNOTE, LAYOUTS, SHEET
from sources.world_bank_pink_sheet.schema import (
    UNITS_PER_TONNE,
    CommodityPrice,
    FileRows,
    NotUsed,
    PublishedPrice,
    RowAccount,
)

SOURCE_ID = "world_bank_pink_sheet"
PUBLISHED: dict[str, type[dy.Schema]] = {
    "price_cell": PublishedPrice,
    "row_account": RowAccount,
    "file_rows": FileRows,
}
LAKE: dict[str, type[dy.Schema]] = {
    "commodity_price": CommodityPrice,
    "not_used": NotUsed,
    "file_rows": FileRows,
}
NUMBER = r"^(?:0|[1-9][0-9]*)(?:\.[0-9]+)?$"


def read_files(source: Source, root: Path) -> dict[str, pl.DataFrame]:
    """Published tables of every edition, read from a folder of publishers' files.

    Raises:
        SourceError: a file is missing, is not the pinned bytes, or can't be read as its layout says.
    """
    return read_editions(source, root, PUBLISHED, LAYOUTS)


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
            next_step=f"add the series to sources/{SOURCE_ID}/mappings/commodities.csv",
            each_to_be_mapped=True,
            offenders=[repr(name) for name in unknown["published_commodity"].unique().sort()],
        )
    return mapped


def tidy(
    published: dict[str, pl.DataFrame], source: Source | None = None
) -> dict[str, pl.DataFrame]:
    """Lake tables from published tables.

    Every cell is either in `commodity_price` or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown series, unreadable cells; all of a kind at once.
    """
    source = source or load_source(SOURCE_ID)
    released = {edition.edition: edition.released_on for edition in source.editions}
    files = published["file_rows"].select("edition", "source_file")
    month = pl.col("published_month").str.replace("M", "-") + "-01"
    prices = (
        published["price_cell"]
        .join(files, on="edition", how="left", validate="m:1")
        .pipe(_with_mineral, source)
        .pipe(_with_price, source)
        .with_columns(price_month=month.str.to_date("%Y-%m-%d"))
        .with_columns(
            source_id=pl.lit(SOURCE_ID),
            released_on=pl.col("edition").replace_strict(released, return_dtype=pl.Date),
            source_row_id=pl.format(
                "{}:{}:{}:{}", "edition", "source_file", "file_row", "file_column"
            ),
            reference_year=pl.col("price_month").dt.year(),
            reference_month=pl.col("price_month").dt.month().cast(pl.Int32),
            is_estimated=pl.lit(value=False),
        )
        .select(CommodityPrice.column_names())
        .sort(CommodityPrice.primary_key())
    )
    not_used = (
        published["row_account"]
        .with_columns(source_id=pl.lit(SOURCE_ID))
        .select(NotUsed.column_names())
        .sort(NotUsed.primary_key())
    )
    return {
        "commodity_price": prices,
        "not_used": not_used,
        "file_rows": published["file_rows"],
    }
