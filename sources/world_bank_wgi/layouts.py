"""How the file is laid out, read into one published form: a row a country, a column a year."""

import polars as pl

from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.refusals import refuse_rows

YEARS = (1996, 1998, 2000, *range(2002, 2025))
HEADER = ("Country/Territory", "Code", *(str(year) for year in YEARS), "country_code")
FIRST_YEAR_COLUMN = 3


def read_wide_by_year(file: OpenFile) -> Tables:
    """Every cell of the year columns; the numeric code of the last column is not read.

    Raises:
        SourceError: encoding or header, no rows, a row without a name or a code, or an empty cell
            (this file writes `nan` for what it lacks).
    """
    columns = {str(year): FIRST_YEAR_COLUMN + index for index, year in enumerate(YEARS)}
    cells = (
        file.records(HEADER, "utf-8")
        .unpivot(
            on=list(columns),
            index=["edition", "file_row", "Country/Territory", "Code"],
            variable_name="year",
            value_name="published_value",
        )
        .select(
            "edition",
            "file_row",
            file_column=pl.col("year").replace_strict(columns, return_dtype=pl.UInt16),
            published_country="Country/Territory",
            published_code="Code",
            reference_year=pl.col("year").cast(pl.Int32),
            published_value="published_value",
        )
        .sort("file_row", "file_column")
    )
    names = ["published_country", "published_code", "published_value"]
    refuse_rows(
        cells.filter(pl.any_horizontal(pl.col(name).is_null() for name in names)),
        file.source,
        "empty cells",
        where=file.name,
        row="row {file_row}, {published_country} ({published_code}), {reference_year}",
        expected="a name, a code, and in each year a number or nan",
        got=f"{{rows}} of {cells.height} cells without",
        next_step="fetch the file again; if the publisher leaves cells empty now, adapt layouts.py",
    )
    return {"governance_cell": cells, "file_rows": file.file_rows(cells.height)}


LAYOUTS: dict[str, Layout] = {
    "wide_by_year": read_wide_by_year,
}
