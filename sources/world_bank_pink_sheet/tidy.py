"""From published cells to the warehouse's terms: minerals, months, US dollars per tonne.

`read_files` turns publishers' bytes into the published tables (the very tables of `snapshot/`);
`tidy` turns published tables, from wherever they came, into the lake's tables.
"""

from pathlib import Path

import dataframely as dy
import polars as pl

from sources.catalog import Source, load_source
from sources.editions import read_editions
from sources.errors import SourceError
from sources.world_bank_pink_sheet.layouts import FOOTNOTE, LAYOUTS
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
# A price of 0 is none.
NUMBER = r"^(?:0\.[0-9]*[1-9][0-9]*|[1-9][0-9]*(?:\.[0-9]+)?)$"


def read_files(root: Path) -> dict[str, pl.DataFrame]:
    """Published tables of every edition, read from a folder of publishers' files.

    Raises:
        SourceError: a file is missing, is not the pinned bytes, or can't be read as its layout says.
    """
    return read_editions(load_source(SOURCE_ID), root, PUBLISHED, LAYOUTS)


def _with_price(cells: pl.DataFrame, source: Source) -> pl.DataFrame:
    """Add `value_status`, `price_usd_per_tonne` and `derivation`.

    Raises:
        SourceError: cells that are neither a positive number nor a known token, all at once.
    """
    tokens = pl.read_csv(source.folder / "mappings" / "value_tokens.csv", infer_schema=False)
    known = dict(tokens.select("token", "value_status").iter_rows())
    is_number = pl.col("published_value").str.contains(NUMBER)
    factor = pl.col("published_unit").replace_strict(UNITS_PER_TONNE, return_dtype=pl.Float64)
    priced = cells.with_columns(
        value_status=pl.when(is_number)
        .then(pl.lit("numeric"))
        .otherwise(pl.col("published_value").replace_strict(known, default=None)),
        price_usd_per_tonne=pl.when(is_number).then(
            pl.col("published_value").cast(pl.Float64, strict=False) * factor
        ),
        derivation=pl.when(is_number & (factor != 1))
        .then(pl.lit("converted"))
        .otherwise(pl.lit("as_published")),
    )
    bad = priced.filter(pl.col("value_status").is_null())
    if not bad.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="values that are no number and no known token",
            where="Monthly Prices",
            expected="a positive number, or a token of mappings/value_tokens.csv",
            got=f"{bad.height} cells",
            next_step="if the publisher uses a new token, declare it in mappings/value_tokens.csv",
            offenders=[
                f"row {row['file_row']}, {row['published_commodity']}, {row['published_month']}: "
                f"{row['published_value']!r}"
                for row in bad.iter_rows(named=True)
            ],
        )
    return priced


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
            where="Monthly Prices",
            expected="a row of mappings/commodities.csv for each, with a mineral",
            got=f"{unknown['published_commodity'].n_unique()} series without one",
            next_step=f"add the series to sources/{SOURCE_ID}/mappings/commodities.csv",
            offenders=[repr(name) for name in unknown["published_commodity"].unique().sort()],
        )
    return mapped


def tidy(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Lake tables from published tables.

    Every cell is either in `commodity_price` or counted in `not_used` with its reason.

    Raises:
        SourceError: unknown series, unreadable cells; all of a kind at once.
    """
    source = load_source(SOURCE_ID)
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
