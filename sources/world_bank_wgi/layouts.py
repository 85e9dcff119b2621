"""How the file is laid out, read into one published form: a row a country, a column a year."""

import polars as pl

from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.refusals import refuse_rows

# Every second year, then every year; a later edition goes on from here.
YEARS = (1996, 1998, 2000, *range(2002, 2025))
NAMES, CODE = ("Country/Territory", "Code"), ("country_code",)
FIRST_YEAR_COLUMN = len(NAMES) + 1


def years_of(file: OpenFile) -> tuple[int, ...]:
    """The years that the header must name: those of the edition of 2025, and as many more as the file is wider.

    None later than the year before the edition came out: an update ends there. The names themselves are compared
    by who reads the records, so that a column that is left out, swapped or moved is refused.
    """
    width = file.text("utf-8").partition("\n")[0].count(",") + 1
    more = width - len(NAMES) - len(YEARS) - len(CODE)
    last = min(YEARS[-1] + max(more, 0), file.edition.released_on.year - 1)
    return (*YEARS, *range(YEARS[-1] + 1, last + 1))


def read_wide_by_year(file: OpenFile) -> Tables:
    """Every cell of the year columns; the numeric code of the last column is not read.

    Raises:
        SourceError: encoding or header, no rows, a row without a name or a code, or an empty cell
            (this file writes `nan` for what it lacks).
    """
    columns = {str(year): FIRST_YEAR_COLUMN + index for index, year in enumerate(years_of(file))}
    cells = (
        file.records((*NAMES, *columns, *CODE), "utf-8")
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
