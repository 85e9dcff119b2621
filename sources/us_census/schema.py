"""Frame schema of the source's published rows; its lake table is the common `MonthTrade`."""

import dataframely as dy

SOURCE_ID = "us_census"
LAYOUT = "census_parquet"
# Names of the API, in our order; `time` is the month.
COLUMNS = (
    "I_COMMODITY",
    "CTY_CODE",
    "CTY_NAME",
    "SUMMARY_LVL",
    "CON_VAL_MO",
    "CON_QY1_MO",
    "UNIT_QY1",
    "time",
)


class PublishedImport(dy.Schema):
    """Rows as the API sends them, all text. Grain: one row of a file (the first has `file_row` 1).

    Value in US dollars, customs value, imports for consumption; `published_country` is a code of the
    Bureau's Schedule C, `-` the total over all, `00…` and `…XXX` groups of countries.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=1)
    published_code = dy.String(regex=r"^\d{10}$")
    published_country = dy.String()
    published_country_name = dy.String()
    published_level = dy.String()
    published_value = dy.String(regex=r"^\d+$")
    published_quantity = dy.String(regex=r"^\d+$")
    published_unit = dy.String()
    published_month = dy.String(regex=r"^\d{4}-\d{2}$")
