"""Publishers' workbooks: a sheet as a grid of text, as it is shown, every digit kept."""

import re
from decimal import Decimal

import fastexcel

from sources.reading.catalog import Source

Cell = str | None
Grid = list[list[Cell]]

LOOKS_LIKE_A_NUMBER = re.compile(r"^-?\d+(\.\d+)?$")


def _text(cell: Cell) -> Cell:
    return " ".join(cell.replace("\u00a0", " ").split()) or None if cell else None


def _exact(text: Cell, number: float | None) -> Cell:
    """The number that the cell holds, all its digits; a cell that holds no number keeps its text.

    fastexcel shortens numbers to nine decimals when it is asked for text, and gives null for a text
    when it is asked for numbers; only both together tell the truth.
    """
    if text is None or number is None or not LOOKS_LIKE_A_NUMBER.match(text):
        return text
    if number.is_integer():
        return str(int(number))
    return f"{Decimal(repr(number)):f}"


def open_workbook(source: Source, where: str, content: bytes) -> fastexcel.ExcelReader:
    """The workbook.

    Raises:
        SourceError: truncated, or no workbook at all (an error page saved under its name).
    """
    try:
        return fastexcel.read_excel(content)
    except fastexcel.FastExcelError as error:
        raise source.error(
            problem="the workbook can't be opened",
            where=where,
            expected="a whole .xlsx workbook",
            got=f"{len(content):,} bytes that begin with {content[:15]!r}; {str(error).splitlines()[0]}",
            next_step="fetch it again: it is truncated, or an error page was saved under its name",
        ) from error


def grid(source: Source, where: str, workbook: fastexcel.ExcelReader, sheet: str) -> Grid:
    """Cells of a sheet as text, row 1 first, column A first; white space folded, empty cells None.

    Raises:
        SourceError: the sheet's own part of the archive is damaged.
    """
    try:
        # `skip_rows=0` keeps the empty rows above the title, so that row numbers are the sheet's own.
        texts = workbook.load_sheet(
            sheet, header_row=None, skip_rows=0, dtypes="string"
        ).to_polars()
        if texts.is_empty():
            return []
        numbers = workbook.load_sheet(
            sheet, header_row=None, skip_rows=0, dtypes="float"
        ).to_polars()
    except fastexcel.FastExcelError as error:
        raise source.error(
            problem="a sheet of the workbook can't be read",
            where=f"{where}, sheet {sheet!r}",
            expected="a readable sheet",
            got=str(error).splitlines()[0],
            next_step="fetch the workbook again",
        ) from error
    return [
        [_exact(_text(text), number) for text, number in zip(*both, strict=True)]
        for both in zip(texts.iter_rows(), numbers.iter_rows(), strict=True)
    ]
