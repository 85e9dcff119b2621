"""Frame schemas of the source's published rows; its lake table is the common `MonthTrade`."""

import dataframely as dy
import polars as pl

SOURCE_ID = "eurostat_comext_months"
LAYOUT = "comext_parquet"
# Every column of the archive's file, in its order: see README.md for who saw them.
HEADER = (
    "REPORTER", "PARTNER", "TRADE_TYPE", "PRODUCT_NC", "PRODUCT_SITC", "PRODUCT_CPA21", "PRODUCT_CPA22",
    "PRODUCT_BEC", "PRODUCT_BEC5", "PRODUCT_SECTION", "FLOW", "STAT_PROCEDURE", "SUPPL_UNIT", "PERIOD",
    "VALUE_EUR", "VALUE_NAC", "QUANTITY_KG", "QUANTITY_SUPPL_UNIT",
)  # fmt: skip
# Those that a pull keeps, and our names for them.
KEPT = {
    "REPORTER": "published_reporter",
    "PARTNER": "published_partner",
    "TRADE_TYPE": "published_trade_type",
    "PRODUCT_NC": "published_code",
    "PERIOD": "published_month",
    "VALUE_EUR": "published_value",
    "QUANTITY_KG": "published_quantity",
}
# A row of a pull is a row of the archive's file, or a count of rows that were left out there.
PULLED = {
    **dict.fromkeys(KEPT, pl.String),
    "archive_row": pl.UInt32,
    "left_out": pl.String,
    "archive_rows": pl.UInt32,
}
# Decimals stand where a member's own currency was converted.
NUMBER = r"^\d+(?:\.\d{1,3})?$"


class PublishedMonthImport(dy.Schema):
    """Imports under normal procedure as Eurostat lists them, codes of our lines alone. Grain: one row of the file.

    Value in euro at the reporter's border, quantity in kilograms. `file_row` is the row of the archive's file
    (header = 1). `published_trade_type`: I within the EU, E outside it, L and M for the United Kingdom's parts.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    published_reporter = dy.String(regex=r"^[A-Z]{2}$")
    published_partner = dy.String(regex=r"^[A-Z]{2}$")
    published_trade_type = dy.String()
    published_code = dy.String(regex=r"^\d{8}$")
    published_month = dy.String(regex=r"^\d{6}$")
    published_value = dy.String(regex=NUMBER)
    published_quantity = dy.String(nullable=True, regex=NUMBER)


class PublishedSecret(dy.Schema):
    """Rows with hidden digits of the code whose visible ones may be those of a line of ours, counted.

    Grain: file, reporter, partner, code as listed.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    published_reporter = dy.String(primary_key=True, regex=r"^[A-Z]{2}$")
    published_partner = dy.String(primary_key=True, regex=r"^[A-Z]{2}$")
    published_code = dy.String(primary_key=True, regex=r"^\d{2}.*[A-Z]")
    published_month = dy.String(regex=r"^\d{6}$")
    file_rows = dy.UInt32(min=1)
