"""Publishers' workbooks: a sheet as a grid of text, as it is shown, every digit kept."""

import hashlib
import json
import re
import subprocess
import sys
from decimal import Decimal

import fastexcel

from sources.reading.catalog import Source

Cell = str | None
Grid = list[list[Cell]]

# The largest that we read takes 40 MB and a second, and spans 110,000 cells.
MOST_BYTES = 800_000_000
MOST_SECONDS = 25
MOST_CELLS = 5_000_000
NO_WORKBOOK = 3
# Nothing of ours is imported there: it starts in a tenth of a second.
TRIAL = f"""
import json, resource, sys
most = int(sys.argv[1])
resource.setrlimit(resource.RLIMIT_AS, (most, most))
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
import fastexcel
sheets = []
try:
    book = fastexcel.read_excel(sys.stdin.buffer.read())
    for name in book.sheet_names:
        sheet = book.load_sheet(name, header_row=None, skip_rows=0, dtypes="string")
        sheets.append([name, sheet.height, sheet.width])
except fastexcel.FastExcelError:
    sys.exit({NO_WORKBOOK})
json.dump(sheets, sys.stdout)
"""
_judged: dict[bytes, str | None] = {}
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
            expected=f"at most {MOST_CELLS:,} cells a sheet, read within {MOST_BYTES:,} bytes of memory "
            f"and {MOST_SECONDS} seconds",
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
    """What of a workbook is too much; None where nothing is, or where it is no workbook.

    A child process reads it first. A reader makes room for every cell between the outermost ones: a single one in
    the last corner takes 500 GB, and the process with it.
    """
    digest = hashlib.sha256(content).digest()
    if digest not in _judged:
        _judged[digest] = _read_on_trial(content)
    return _judged[digest]


def _read_on_trial(content: bytes) -> str | None:
    try:
        trial = subprocess.run(
            [sys.executable, "-I", "-c", TRIAL, str(MOST_BYTES)],
            input=content,
            capture_output=True,
            timeout=MOST_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return f"more than {MOST_SECONDS} seconds of reading"
    if trial.returncode == NO_WORKBOOK:
        return None
    if trial.returncode:
        first, *_ = trial.stderr.decode(errors="replace").strip().splitlines() or [""]
        return f"a reader that ended with {trial.returncode}: {first[:200]}"
    sheets = json.loads(trial.stdout)
    return next(
        (
            f"sheet {name!r} with {rows:,} rows and {columns:,} columns"
            for name, rows, columns in sheets
            if rows * columns > MOST_CELLS
        ),
        None,
    )


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
