"""How the file is laid out, read into published form. A changed header or encoding is refused here."""

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.files import decode, read_csv, read_csv_with_blanks
from sources.reading.passport import file_rows
from sources.reading.read_editions import Layout, Tables

NAMED = (
    "Mineral_Commodity,Year,Note,Quantity,Data_type,Unit_MEAS,Form,Geographic_Region,Figure_Use,"
    "Data Sources"
)
# A spreadsheet padded the file with sixteen columns that have no name.
UNNAMED = 16
HEADER = (*NAMED.split(","), *[""] * UNNAMED)


def read_long(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """One row a statistic, commodity, form, region and year. Figure numbers and citations are left out.

    Raises:
        SourceError: encoding or header, something under an unnamed column, or no rows.
    """
    where = file.source_file
    text = decode(source, where, content, "ascii")
    # The first refuses another header, the second whatever stands under a column without a name.
    read_csv(source, where, text, HEADER)
    records = read_csv_with_blanks(source, where, text)
    figures = records.select(
        edition=pl.lit(edition.edition),
        source_file=pl.lit(where),
        file_row="row",
        published_statistic="Data_type",
        published_commodity="Mineral_Commodity",
        published_stage="Form",
        published_country="Geographic_Region",
        reference_year="Year",
        published_value="Quantity",
        published_unit="Unit_MEAS",
        published_note="Note",
    )
    return {"figure": figures, "file_rows": file_rows(edition, where, records.height)}


# By the name that `source.yml` gives a file as `layout`.
LAYOUTS: dict[str, Layout] = {"long_2025": read_long}
