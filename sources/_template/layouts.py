"""How the file is laid out, read into published form. A changed header or encoding is refused here."""

from sources.reading.open_file import Layout, OpenFile, Tables

HEADER = ("Country", "Mineral", "Year", "Output (thousand tonnes)")


def read_outputs(file: OpenFile) -> Tables:
    """One row a country, mineral and year.

    Raises:
        SourceError: encoding or header, or no rows.
    """
    records = file.records(HEADER, "utf-8")
    outputs = records.select(
        "edition",
        "source_file",
        "file_row",
        published_country="Country",
        published_mineral="Mineral",
        reference_year="Year",
        published_value=HEADER[3],
    )
    return {"output": outputs, "file_rows": file.file_rows(records.height)}


# By the name that `source.yml` gives a file as `layout`; a new shape of file is a new function.
LAYOUTS: dict[str, Layout] = {"outputs_csv": read_outputs}
