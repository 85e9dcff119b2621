"""Publishers' files as grids of text that can be changed and written again: CSV, gz, zip, xlsx, JSON, Parquet.

Bytes go through latin-1, which keeps every one of them. A cell of a workbook is its own XML.
"""

import csv
import gzip
import io
import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

import polars as pl

NUMBER = re.compile(r"^[<>]?-?[\d,]*\.?\d+(?:[eE][+-]?\d+)?%?$")
PLAIN = re.compile(r"[<>,%]")
ROW = re.compile(r"<row\b([^>]*)>(.*?)</row>", re.DOTALL)
CELL = re.compile(r"<c\b([^>]*?)(?:/>|>(.*?)</c>)", re.DOTALL)
PLACE = re.compile(r'\s*\br="([A-Z]+)\d+"')
VALUE = re.compile(r"<v>([^<]*)</v>")
TEXT_TYPES = ('t="s"', 't="str"', 't="inlineStr"', 't="b"', 't="e"')


def number_of(cell: str) -> float | None:
    """The number that a cell of text holds, None where it holds none."""
    text = cell.strip()
    if not NUMBER.match(text):
        return None
    try:
        return float(PLAIN.sub("", text))
    except ValueError:
        return None


def with_number(cell: str, value: float) -> str:
    """The cell's text with another number, its sign of a bound or per cent kept."""
    text = cell.strip()
    start = text[0] if text[:1] in "<>" else ""
    written = str(int(value)) if value.is_integer() else f"{value:.12g}"
    return start + written + ("%" if text.endswith("%") else "")


@dataclass
class Grid:
    """A table of a file: the names of its columns, and their cells; `written` makes the file's bytes of it.

    `number` and `numbered` read and write the number of a cell.
    """

    header: list[str]
    columns: list[list[str]]
    write: Callable[["Grid"], bytes]
    number: Callable[[str], float | None] = number_of
    numbered: Callable[[str, float], str] = with_number
    # Column numbers whose cells are numbers, found once.
    found: list[int] | None = field(default=None)

    @property
    def height(self) -> int:
        """How many rows it has below its header."""
        return len(self.columns[0]) if self.columns else 0

    def numeric(self) -> list[int]:
        """Columns of which a third of the filled cells, and at least two, are numbers."""
        if self.found is None:
            self.found = []
            for place, column in enumerate(self.columns):
                filled = [cell for cell in column[:4000] if cell.strip()]
                numbers = sum(self.number(cell) is not None for cell in filled)
                if numbers >= 2 and 3 * numbers >= len(filled):
                    self.found.append(place)
        return self.found

    def labels(self) -> list[int]:
        """Columns of words, with at least two of them."""
        numeric = set(self.numeric())
        return [
            place
            for place, column in enumerate(self.columns)
            if place not in numeric and len({cell for cell in column if cell.strip()}) > 1
        ]

    def map_rows(self, chosen: list[int]) -> None:
        """Keep these rows, in this order."""
        self.columns = [[column[row] for row in chosen] for column in self.columns]

    def written(self) -> bytes:
        """The file's bytes."""
        return self.write(self)


def _csv_grid(content: bytes) -> Grid:
    text = content.decode("latin-1")
    ending = "\r\n" if "\r\n" in text else "\n"
    rows = list(csv.reader(io.StringIO(text, newline="")))
    width = max((len(row) for row in rows), default=0)
    padded = [row + [""] * (width - len(row)) for row in rows]

    def write(grid: Grid) -> bytes:
        buffer = io.StringIO(newline="")
        writer = csv.writer(buffer, lineterminator=ending)
        writer.writerow(grid.header)
        writer.writerows(zip(*grid.columns, strict=True))
        return buffer.getvalue().encode("latin-1")

    return Grid(padded[0], [list(column) for column in zip(*padded[1:], strict=True)], write)


def _inside_zip(content: bytes, member: str, inner: Callable[[bytes], Grid]) -> Grid:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    grid = inner(parts[member])
    write = grid.write

    def rezip(changed: Grid) -> bytes:
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, part in parts.items():
                archive.writestr(name, write(changed) if name == member else part)
        return packed.getvalue()

    grid.write = rezip
    return grid


def _gz_grid(content: bytes) -> Grid:
    grid = _csv_grid(gzip.decompress(content))
    write = grid.write
    grid.write = lambda changed: gzip.compress(write(changed), 1)
    return grid


def _cell_number(cell: str) -> float | None:
    attributes = cell.partition("\0")[0]
    found = None if any(kind in attributes for kind in TEXT_TYPES) else VALUE.search(cell)
    return number_of(found[1]) if found else None


def _cell_numbered(cell: str, value: float) -> str:
    return VALUE.sub(f"<v>{value!r}</v>", cell)


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = 26 * number + ord(letter) - ord("A") + 1
    return number


def _sheet_grid(content: bytes) -> Grid:
    """Cells of a sheet's XML: `attributes NUL inside`; there is no header, so the first rows count as any."""
    text = content.decode("utf-8")
    rows: list[tuple[str, dict[int, str]]] = []
    for row in ROW.finditer(text):
        cells = {}
        for attributes, inside in CELL.findall(row[2]):
            place = PLACE.search(attributes)
            if place:
                cells[_column(place[1])] = PLACE.sub("", attributes) + "\0" + inside
        rows.append((row[1], cells))
    width = max((max(cells, default=0) for _, cells in rows), default=0)
    attributes = [own for own, _ in rows]
    columns = [[cells.get(place, "") for _, cells in rows] for place in range(1, width + 1)]
    start, end = text.find("<sheetData"), text.find("</sheetData>")

    def write(grid: Grid) -> bytes:
        made = []
        for number in range(grid.height):
            own = attributes[min(number, len(attributes) - 1)]
            name = re.search(r'\br="(\d+)"', own)
            # Rows that were put in follow the last.
            at = int(name[1]) if name and number < len(attributes) else number + 1
            cells = "".join(
                f'<c r="{_letters(place)}{at}"{cell.partition(chr(0))[0]}>{cell.partition(chr(0))[2]}</c>'
                for place, column in enumerate(grid.columns, 1)
                if (cell := column[number])
            )
            made.append(f"<row{own}>{cells}</row>")
        return (text[:start] + "<sheetData>" + "".join(made) + text[end:]).encode("utf-8")

    return Grid([""] * width, columns, write, _cell_number, _cell_numbered)


def _leaves(node: Any, path: tuple[str, ...] = ()) -> list[tuple[tuple[str, ...], Any]]:
    if isinstance(node, dict):
        return [leaf for key, value in node.items() for leaf in _leaves(value, (*path, key))]
    return [(path, node)]


def _value(text: str) -> Any:
    number = number_of(text)
    return text if number is None else number


def _json_grid(content: bytes) -> Grid:
    """Leaves of nested objects: their keys, then their value."""
    leaves = _leaves(json.loads(content))
    depth = max(len(path) for path, _ in leaves)
    kept = {json.dumps(value): value for _, value in leaves}
    rows = [[*path, *[""] * (depth - len(path)), json.dumps(value)] for path, value in leaves]

    def write(grid: Grid) -> bytes:
        whole: dict[str, Any] = {}
        for row in zip(*grid.columns, strict=True):
            *path, last = [key for key in row[:-1] if key]
            node = whole
            for key in path:
                inner = node.setdefault(key, {})
                node = inner if isinstance(inner, dict) else node
            node[last] = kept[row[-1]] if row[-1] in kept else _value(row[-1])
        return json.dumps(whole).encode("utf-8")

    return Grid([""] * (depth + 1), [list(column) for column in zip(*rows, strict=True)], write)


class _Lazy(list[list[str]]):
    """Columns of a frame, as text once they are asked for."""

    def __init__(self, frame: pl.DataFrame) -> None:
        super().__init__([[] for _ in frame.columns])
        self.frame, self.touched = frame, set[int]()

    def __getitem__(self, place: Any) -> Any:
        if isinstance(place, int) and place not in self.touched:
            self.touched.add(place)
            cells = self.frame.to_series(place).cast(pl.String).fill_null("").to_list()
            super().__setitem__(place, cells)
        return super().__getitem__(place)

    def __setitem__(self, place: Any, cells: Any) -> None:
        self.touched.add(place)
        super().__setitem__(place, cells)

    def __iter__(self) -> Any:
        return (self[place] for place in range(len(self)))


class _FrameGrid(Grid):
    """A Parquet file; only the columns that are changed become text."""

    frame: pl.DataFrame

    @property
    def height(self) -> int:
        return self.frame.height

    def numeric(self) -> list[int]:
        return [n for n, dtype in enumerate(self.frame.dtypes) if dtype.is_numeric()]

    def labels(self) -> list[int]:
        return [n for n, dtype in enumerate(self.frame.dtypes) if dtype == pl.String]

    def map_rows(self, chosen: list[int]) -> None:
        self.frame = self.frame[chosen]
        self.columns = _Lazy(self.frame)


def _parquet_grid(content: bytes) -> Grid:
    frame = pl.read_parquet(content)

    def write(grid: Grid) -> bytes:
        assert isinstance(grid, _FrameGrid)
        assert isinstance(grid.columns, _Lazy)
        lazy, changed = grid.columns, grid.frame
        for place in lazy.touched:
            name, dtype = changed.columns[place], changed.dtypes[place]
            cells = pl.Series(name, lazy[place], pl.String)
            cells = pl.select(pl.when(cells != "").then(cells).alias(name)).to_series()
            if dtype.is_integer():
                cells = cells.cast(pl.Float64, strict=False)
            changed = changed.with_columns(cells.cast(dtype, strict=False).alias(name))
        changed.columns = list(grid.header)
        buffer = io.BytesIO()
        changed.write_parquet(buffer, compression="lz4")
        return buffer.getvalue()

    grid = _FrameGrid(list(frame.columns), _Lazy(frame), write)
    grid.frame = frame
    return grid


def _sheets(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = [part for part in archive.infolist() if part.filename.startswith("xl/worksheets/s")]
    # The sheets that hold the figures are the large ones.
    largest = max(part.file_size for part in parts)
    return [part.filename for part in parts if 8 * part.file_size > largest]


def grid_of(name: str, member: str | None, content: bytes, random: Random) -> Grid:
    """The file's table; of a zip the named member, or one of its CSV; of a workbook one of its large sheets."""
    if name.endswith(".xlsx"):
        return _inside_zip(content, random.choice(_sheets(content)), _sheet_grid)
    if name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            years = [part for part in archive.namelist() if "_Y" in part and part.endswith(".csv")]
        return _inside_zip(content, member or random.choice(years), _csv_grid)
    if name.endswith(".gz"):
        return _gz_grid(content)
    if name.endswith(".json"):
        return _json_grid(content)
    return _parquet_grid(content) if name.endswith(".parquet") else _csv_grid(content)
