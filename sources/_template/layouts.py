"""How the file is laid out, read into published form. A changed header or encoding is refused here."""

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.files import decode, read_csv
from sources.reading.passport import file_rows
from sources.reading.read_editions import Layout, Tables

HEADER = ("Country", "Mineral", "Year", "Output (thousand tonnes)")


def read_outputs(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """One row a country, mineral and year.

    Raises:
        SourceError: encoding or header, or no rows.
    """
    text = decode(source, file.source_file, content, "utf-8")
    records = read_csv(source, file.source_file, text, HEADER)
    outputs = records.select(
        edition=pl.lit(edition.edition),
        source_file=pl.lit(file.source_file),
        file_row="row",
        published_country="Country",
        published_mineral="Mineral",
        reference_year="Year",
        published_value=HEADER[3],
    )
    return {
        "output": outputs,
        "file_rows": file_rows(edition, file.source_file, records.height),
    }


# By the name that `source.yml` gives a file as `layout`; a new shape of file is a new function.
LAYOUTS: dict[str, Layout] = {"outputs_csv": read_outputs}
