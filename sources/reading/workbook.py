"""Publishers' workbooks: a sheet as a grid of text, as it is shown, every digit kept."""

import io
import re
import zipfile
import zlib
from decimal import Decimal

import fastexcel

from sources.reading.catalog import Source

Cell = str | None
Grid = list[list[Cell]]

# The largest that we read unpacks to 5 MB, and spans 110,000 cells.
MOST_UNPACKED_BYTES = 200_000_000
MOST_CELLS = 5_000_000
SHEETS = "xl/worksheets/"
CELL_AT = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
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
        SourceError: truncated, no workbook at all (an error page saved under its name), or larger than any
            that a publisher makes.
    """
    if too_large := _too_large(content):
        raise source.error(
            problem="the workbook is too large to be opened",
            where=where,
            expected=f"at most {MOST_UNPACKED_BYTES:,} bytes unpacked, and {MOST_CELLS:,} cells a sheet",
            got=too_large,
            next_step="look at the file: one cell far outside, or parts packed to burst memory; fetch it again",
        )
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


def _too_large(content: bytes) -> str | None:
    """What of a workbook would burst the memory; None where nothing does, or where it is no workbook.

    A reader makes room for every cell between the outermost ones: one at XFD1048576 takes 500 GB, and the process
    with it.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            unpacked = sum(part.file_size for part in parts.infolist())
            if unpacked > MOST_UNPACKED_BYTES:
                return f"{unpacked:,} bytes unpacked"
            for name in parts.namelist():
                if name.startswith(SHEETS) and name.endswith(".xml"):
                    rows, columns = _extent(parts.read(name))
                    if rows * columns > MOST_CELLS:
                        return f"{name} with cells in {rows:,} rows and {columns:,} columns"
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, RuntimeError, ValueError):
        # Damaged: the reader says how.
        return None
    return None


def _extent(sheet: bytes) -> tuple[int, int]:
    """The outermost row and column in which a cell stands."""
    columns, rows = {b""}, {0}
    for column, row in CELL_AT.findall(sheet):
        columns.add(column)
        rows.add(int(row))
    return max(rows), max(map(_column_number, columns))


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + letter - ord("A") + 1
    return number


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
