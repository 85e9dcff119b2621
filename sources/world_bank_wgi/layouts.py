"""How the file is laid out, read into one published form: a row a country, a column a year."""

import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import decode, read_csv
from sources.reading.passport import file_rows
from sources.reading.read_editions import Layout, Tables

YEARS = (1996, 1998, 2000, *range(2002, 2025))
HEADER = ("Country/Territory", "Code", *(str(year) for year in YEARS), "country_code")
FIRST_YEAR_COLUMN = 3


def read_wide_by_year(source: Source, edition: Edition, file: SourceFile, content: bytes) -> Tables:
    """Every cell of the year columns; the numeric code of the last column is not read.

    Raises:
        SourceError: encoding or header, no rows, a row without a name or a code, or an empty cell
            (this file writes `nan` for what it lacks).
    """
    source_file = file.name
    text = decode(source, source_file, content, "utf-8")
    records = read_csv(source, source_file, text, HEADER)
    columns = {str(year): FIRST_YEAR_COLUMN + index for index, year in enumerate(YEARS)}
    cells = (
        records.unpivot(
            on=list(columns),
            index=["row", "Country/Territory", "Code"],
            variable_name="year",
            value_name="published_value",
        )
        .select(
            edition=pl.lit(edition.edition),
            file_row=pl.col("row").cast(pl.UInt32),
            file_column=pl.col("year").replace_strict(columns, return_dtype=pl.UInt16),
            published_country="Country/Territory",
            published_code="Code",
            reference_year=pl.col("year").cast(pl.Int32),
            published_value="published_value",
        )
        .sort("file_row", "file_column")
    )
    _refuse_empty(source, source_file, cells)
    return {"governance_cell": cells, "file_rows": file_rows(edition, source_file, cells.height)}


def _refuse_empty(source: Source, source_file: str, cells: pl.DataFrame) -> None:
    names = ["published_country", "published_code", "published_value"]
    empty = cells.filter(pl.any_horizontal(pl.col(name).is_null() for name in names))
    if not empty.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="empty cells",
            where=source_file,
            expected="a name, a code, and in each year a number or nan",
            got=f"{empty.height} of {cells.height} cells without",
            next_step="fetch the file again; if the publisher leaves cells empty now, adapt layouts.py",
            offenders=[
                f"row {row['file_row']}, {row['published_country']} ({row['published_code']}), "
                f"{row['reference_year']}"
                for row in empty.iter_rows(named=True)
            ],
        )


LAYOUTS: dict[str, Layout] = {
    "wide_by_year": read_wide_by_year,
}
