"""How the file is laid out, read into published form. A changed header or encoding is refused here."""

from sources.reading.files import read_csv, read_csv_with_blanks
from sources.reading.open_file import Layout, OpenFile, Tables

NAMED = (
    "Mineral_Commodity,Year,Note,Quantity,Data_type,Unit_MEAS,Form,Geographic_Region,Figure_Use,"
    "Data Sources"
)
# A spreadsheet padded the file with sixteen columns that have no name.
UNNAMED = 16
HEADER = (*NAMED.split(","), *[""] * UNNAMED)


def read_long(file: OpenFile) -> Tables:
    """One row a statistic, commodity, form, region and year. Figure numbers and citations are left out.

    Raises:
        SourceError: encoding or header, something under an unnamed column, or no rows.
    """
    text = file.text("ascii")
    # The first refuses another header, the second whatever stands under a column without a name.
    read_csv(file.source, file.name, text, HEADER)
    records = read_csv_with_blanks(file.source, file.name, text)
    figures = file.placed(records).select(
        "edition",
        "source_file",
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
    return {"figure": figures, "file_rows": file.file_rows(records.height)}


# By the name that `source.yml` gives a file as `layout`.
LAYOUTS: dict[str, Layout] = {"long_2025": read_long}
