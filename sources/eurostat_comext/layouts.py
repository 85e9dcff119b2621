"""How the file is laid out, read into one published form: a record a flow, in euro."""

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv
from sources.reading.passport import file_rows
from sources.reading.read_editions import Layout, Tables

HEADER = ("DECLARANT_ISO", "PARTNER_ISO", "PRODUCT_NC", "FLOW", "PERIOD", "VALUE_IN_EUROS")
IMPORTS = "1"
YEAR = r"^(?:19|20)[0-9]{2}$"
CODE = r"^[0-9]{8}$"
COUNTRY = r"^[A-Z]{2}$"


def read_flows_in_euro(
    source: Source, edition: Edition, file: SourceFile, content: bytes
) -> Tables:
    """Every flow of the file. `NA` is Namibia: nothing but an empty cell is missing, and that is refused.

    Raises:
        SourceError: encoding, header, empty cells, exports, a year, a code or a country that is none,
            or one flow twice.
    """
    source_file = file.name
    text = decode(source, source_file, content, "ascii")
    records = read_csv(source, source_file, text, HEADER)
    _refuse_other_cells(source, source_file, records)
    flows = records.select(
        edition=pl.lit(edition.edition),
        file_row=pl.col("row").cast(pl.UInt32),
        published_reporter="DECLARANT_ISO",
        published_partner="PARTNER_ISO",
        published_code="PRODUCT_NC",
        reference_year=pl.col("PERIOD").cast(pl.Int32),
        published_value="VALUE_IN_EUROS",
    )
    _refuse_repeated(source, source_file, flows)
    return {"cn8_flow": flows, "file_rows": file_rows(edition, source_file, flows.height)}


def _refuse_other_cells(source: Source, source_file: str, records: pl.DataFrame) -> None:
    rules = {
        "DECLARANT_ISO": pl.col("DECLARANT_ISO").str.contains(COUNTRY),
        "PARTNER_ISO": pl.col("PARTNER_ISO").str.contains(COUNTRY),
        "PRODUCT_NC": pl.col("PRODUCT_NC").str.contains(CODE),
        "FLOW": pl.col("FLOW") == IMPORTS,
        "PERIOD": pl.col("PERIOD").str.contains(YEAR),
        "VALUE_IN_EUROS": pl.col("VALUE_IN_EUROS").is_not_null(),
    }
    faults = [
        f"row {row['row']}, {name}: {row[name]!r}"
        for name, holds in rules.items()
        for row in records.filter(~holds.fill_null(False)).iter_rows(named=True)
    ]
    if faults:
        raise SourceError(
            source=source.source_id,
            problem="cells that this layout can't hold",
            where=source_file,
            expected="two letters, two letters, eight digits, flow 1 (imports), a year, a value",
            got=f"{len(faults)} other cells",
            next_step="fetch the file again as published, imports only; don't let a spreadsheet or NA be read as missing",
            offenders=faults,
        )


def _refuse_repeated(source: Source, source_file: str, flows: pl.DataFrame) -> None:
    key = ["published_reporter", "published_partner", "published_code", "reference_year"]
    twice = flows.filter(pl.struct(key).is_duplicated())
    if not twice.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="one flow twice",
            where=source_file,
            expected="one record for each reporter, partner, code and year",
            got=f"{twice.height} records share their key with another",
            next_step="fetch normal procedure only: other procedures repeat the flow, and adding them is wrong",
            offenders=[
                f"row {row['file_row']}: {', '.join(str(row[name]) for name in key)}"
                for row in twice.iter_rows(named=True)
            ],
        )


LAYOUTS: dict[str, Layout] = {
    "flows_in_euro": read_flows_in_euro,
}
