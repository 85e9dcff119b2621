"""How the file is laid out, read into one published form: a record a flow, in euro."""

import polars as pl

from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.refusals import refuse_rows

HEADER = ("DECLARANT_ISO", "PARTNER_ISO", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_IN_EUROS")
IMPORTS = "1"
YEAR = r"^(?:19|20)[0-9]{2}$"
CODE = r"^[0-9]{8}$"
COUNTRY = r"^[A-Z]{2}$"


# What a cell of each column must be.
FORMS = {
    "DECLARANT_ISO": pl.col("DECLARANT_ISO").str.contains(COUNTRY),
    "PARTNER_ISO": pl.col("PARTNER_ISO").str.contains(COUNTRY),
    "PRODUCT_NC": pl.col("PRODUCT_NC").str.contains(CODE),
    "FLOW": pl.col("FLOW") == IMPORTS,
    "PERIOD": pl.col("PERIOD").str.contains(YEAR),
    "VALUE_IN_EUROS": pl.col("VALUE_IN_EUROS").is_not_null(),
}


def read_flows_in_euro(file: OpenFile) -> Tables:
    """Every flow of the file. `NA` is Namibia: nothing but an empty cell is missing, and that is refused.

    Raises:
        SourceError: encoding, header, empty cells, exports, a year, a code or a country that is none,
            or one flow twice.
    """
    records = file.records(HEADER, "ascii")
    refuse_rows(
        pl.concat(
            records.filter(~fits.fill_null(value=False)).select(
                "file_row", column=pl.lit(name), cell=name
            )
            for name, fits in FORMS.items()
        ),
        file.source,
        "cells that this layout can't hold",
        where=file.name,
        row="row {file_row}, {column}: {cell!r}",
        expected="two letters, two letters, eight digits, flow 1 (imports), a year, a value",
        got="{rows} other cells",
        next_step="fetch the file again as published, imports only; don't let a spreadsheet or NA be read as missing",
    )
    flows = records.select(
        "edition",
        "file_row",
        published_reporter="DECLARANT_ISO",
        published_partner="PARTNER_ISO",
        published_code="PRODUCT_NC",
        reference_year=pl.col("PERIOD").cast(pl.Int32),
        published_value="VALUE_IN_EUROS",
    )
    key = ["published_reporter", "published_partner", "published_code", "reference_year"]
    refuse_rows(
        flows.filter(pl.struct(key).is_duplicated()),
        file.source,
        "one flow twice",
        where=file.name,
        row="row {file_row}: " + ", ".join(f"{{{name}}}" for name in key),
        expected="one record for each reporter, partner, code and year",
        got="{rows} records share their key with another",
        next_step="fetch normal procedure only: other procedures repeat the flow, and adding them is wrong",
    )
    return {"cn8_flow": flows, "file_rows": file.file_rows(flows.height)}


LAYOUTS: dict[str, Layout] = {
    "flows_in_euro": read_flows_in_euro,
}
