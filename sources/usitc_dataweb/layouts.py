"""How a DataWeb workbook is laid out: one flow, a sheet a measure and kind of period, a column a year.

Row 1 names the flow and the months of the year to date, row 2 counts the rows of data, row 3 is the header.
Value sheets end with a row of totals, which is compared and not kept.
"""

import datetime as dt
import re

import fastexcel
import polars as pl

from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.workbook import Cell, Grid, grid, open_workbook

COUNT_ROW, HEADER_ROW, FIRST_DATA_ROW = 2, 3, 4
LABELS = ("Data Type", "Country", "HTS Number", "Description", "Quantity Description")
TITLE = re.compile(
    r"^(?P<flow>.+)\|Annual \+ Year-To-Date Data from (?P<months>Jan - [A-Z][a-z]{2})$"
)
YEAR = re.compile(r"^(?P<year>\d{4})(?P<to_date>_Year_to_date)?(?P<suppressed>_Suppressed)?$")
TO_DATE = " YTD"
QUERY = "Query Parameters"
# What each flow's file calls its value.
VALUE_SHEETS = {"Imports For Consumption": "Customs Value", "Domestic Exports": "FAS Value"}
QUANTITY_SHEETS = ("First Unit of Quantity", "Second Unit of Quantity")
DOWNLOADED = "Download Date"
TOTAL = "Total:"


def downloaded_on(source: Source, name: str, content: bytes) -> dt.date:
    """Day on which DataWeb made the file, from its sheet of query parameters.

    Raises:
        SourceError: no workbook, no such sheet, or no day in it.
    """
    workbook = open_workbook(source, name, content)
    _refuse_other_sheets(source, name, workbook, {QUERY})
    downloaded = {row[0]: row[-1] for row in grid(source, name, workbook, QUERY)}.get(DOWNLOADED)
    try:
        return dt.date.fromisoformat((downloaded or "")[:10])
    except ValueError:
        where = f"{name}, sheet {QUERY!r}"
        expected = f"a row {DOWNLOADED!r} with a day"
        raise _refusal(source, where, "no day of download", expected, repr(downloaded)) from None


def read_flow(file: OpenFile) -> Tables:
    """Every cell that carries a figure: one row a sheet, row and year.

    Raises:
        SourceError: no workbook; another title, day, header, count of rows or total than expected; a year
            missing or twice.
    """
    source, name = file.source, file.name
    workbook = open_workbook(source, name, file.content)
    day, expected_day = downloaded_on(source, name, file.content), file.edition.released_on
    if day != expected_day:
        where = f"{name}, sheet {QUERY!r}"
        raise _refusal(source, where, "another day", str(expected_day), str(day))
    of_values = [sheet for sheet in VALUE_SHEETS.values() if sheet in workbook.sheet_names]
    first = grid(source, name, workbook, of_values[0])[:1] if of_values else []
    title = first[0][0] if first else None
    match = TITLE.match(title or "")
    flow = match["flow"] if match else None
    if match is None or flow not in VALUE_SHEETS:
        where = f"{name}, cell A1 of the sheet of values"
        expected = f"one of {', '.join(VALUE_SHEETS)}, and the months"
        raise _refusal(source, where, "the flow is not known", expected, repr(title))
    sheets = [
        sheet + suffix
        for sheet in (VALUE_SHEETS[flow], *QUANTITY_SHEETS)
        for suffix in ("", TO_DATE)
    ]
    _refuse_other_sheets(source, name, workbook, {QUERY, *sheets})
    cells: list[pl.DataFrame] = []
    for sheet in sheets:
        where = f"{name}, sheet {sheet!r}"
        cells.append(
            _cells(source, where, sheet, title or "", grid(source, where, workbook, sheet))
        )
    read = file.placed(pl.concat(cells)).select(
        "edition", "source_file", "sheet", "file_row", "file_column",
        pl.lit(flow).alias("published_flow"),
        pl.lit(match["months"]).alias("published_months"),
        *(f"published_{label}" for label in ("type", "country", "heading", "title", "quantity")),
        "published_period", "published_value", "suppressed_records",
    )  # fmt: skip
    return {"trade_cell": read, "file_rows": file.file_rows(read.height)}


def _cells(source: Source, where: str, sheet: str, title: str, rows: Grid) -> pl.DataFrame:
    if len(rows) < FIRST_DATA_ROW or rows[0][0] != title:
        got = f"{len(rows)} rows, of which the first says {rows[0][0] if rows else None!r}"
        raise _refusal(source, where, "another title, or no data", repr(title), got)
    columns = _columns(source, where, sheet, rows[HEADER_ROW - 1])
    data = rows[FIRST_DATA_ROW - 1 :]
    total = data.pop() if (data[-1][0] or "").startswith(TOTAL) else None
    if rows[COUNT_ROW - 1][1] != str(len(data)):
        raise _refusal(
            source, where, "rows are missing or too many", f"{rows[COUNT_ROW - 1][1]} rows of data",
            f"{len(data)} rows",
        )  # fmt: skip
    if (total is not None) != (sheet.removesuffix(TO_DATE) in VALUE_SHEETS.values()):
        raise _refusal(source, where, "the row of totals", "in value sheets alone", str(total))
    found = [
        (sheet, FIRST_DATA_ROW + number, column + 1, *row[: len(LABELS)], header, row[column],
         row[suppressed] if suppressed else None)
        for number, row in enumerate(data)
        for header, column, suppressed in columns
    ]  # fmt: skip
    frame = pl.DataFrame(
        found,
        orient="row",
        schema={
            "sheet": pl.String,
            "file_row": pl.UInt32,
            "file_column": pl.UInt16,
            "published_type": pl.String,
            "published_country": pl.String,
            "published_heading": pl.String,
            "published_title": pl.String,
            "published_quantity": pl.String,
            "published_period": pl.String,
            "published_value": pl.String,
            "suppressed_records": pl.String,
        },
    )
    if total is not None:
        _refuse_other_totals(source, where, frame, {h: total[column] for h, column, _ in columns})
    return frame


def _columns(
    source: Source, where: str, sheet: str, header: list[Cell]
) -> list[tuple[str, int, int | None]]:
    """Header, column, and column of suppressed records of each year, in the sheet's order."""
    names = [name or "" for name in header]
    years = [YEAR.match(name) for name in names[len(LABELS) :]]
    is_to_date = sheet.endswith(TO_DATE)
    printed = [
        int(match["year"]) if match and bool(match["to_date"]) == is_to_date else 0
        for match in years
        if match is None or not match["suppressed"]
    ]
    first = printed[0] if printed else 0
    if tuple(names[: len(LABELS)]) != LABELS or printed != list(range(first, first + len(printed))):
        raise _refusal(
            source, f"{where}, row {HEADER_ROW}", "the header is not the one of this edition",
            f"{', '.join(LABELS)}, then every year once, in order", ", ".join(names),
        )  # fmt: skip
    suppressed = {name.removesuffix("_Suppressed"): at for at, name in enumerate(names)}
    return [
        (name, at, suppressed[name] if suppressed[name] != at else None)
        for at, name in enumerate(names)
        if at >= len(LABELS) and not name.endswith("_Suppressed")
    ]


def _refuse_other_totals(
    source: Source, where: str, cells: pl.DataFrame, totals: dict[str, Cell]
) -> None:
    sums = cells.group_by("published_period").agg(
        pl.col("published_value").cast(pl.Int64, strict=False).sum()
    )
    wrong = [
        f"{header}: rows add up to {value:,}, the total says {totals[header]}"
        for header, value in sums.sort("published_period").iter_rows()
        if str(value) != (totals[header] or "").replace(",", "")
    ]
    if wrong:
        raise _refusal(
            source, where, "the rows do not add up", "the row of totals",
            f"{len(wrong)} years of {len(totals)} that differ", *wrong,
        )  # fmt: skip


def _refuse_other_sheets(
    source: Source, where: str, workbook: fastexcel.ExcelReader, expected: set[str]
) -> None:
    if missing := expected - set(workbook.sheet_names):
        raise _refusal(
            source, where, "sheets are missing", ", ".join(sorted(expected)),
            ", ".join(workbook.sheet_names), *sorted(missing),
        )  # fmt: skip


def _refusal(
    source: Source, where: str, problem: str, expected: str, got: str, *offenders: str
) -> SourceError:
    return source.error(
        problem=problem,
        where=where,
        expected=expected,
        got=got,
        next_step=(
            "look at the workbook and fetch it again; if DataWeb changed its layout, adapt "
            f"sources/{source.source_id}/layouts.py"
        ),
        offenders=offenders,
    )


LAYOUTS: dict[str, Layout] = {"dataweb_flow": read_flow}
