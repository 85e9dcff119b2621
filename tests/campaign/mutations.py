"""What may be wrong with a publisher's file, one thing at a time: the table of mutations of `fuzz.py`.

Each gets the file's grid and a seeded `Random`, changes the grid, and says in words what it did; None where the
file has nothing that it could change. Those of `BYTES` get the bytes.
"""

from collections.abc import Callable
from random import Random

from tests.campaign.grids import Grid

Mutation = Callable[[Grid, Random], str | None]
OF_BYTES = Callable[[bytes, Random], bytes]
PAGE = (
    b"<!DOCTYPE html>\n<html><head><title>503</title></head><body>Please, try later</body></html>\n"
)
UNITS = ["t", "kt", "kg", "metric tons", "thousand metric tons", "kilograms", "million metric tons"]


def _name(grid: Grid, place: int) -> str:
    return repr(grid.header[place]) if grid.header[place] else f"column {place + 1}"


def _any_numeric(grid: Grid, random: Random) -> int | None:
    numeric = grid.numeric()
    return random.choice(numeric) if numeric else None


def _changed(grid: Grid, place: int, rows: list[int], factor: float) -> int:
    """Numbers of these rows of a column, times a factor; how many."""
    column, done = grid.columns[place], 0
    for row in rows:
        number = grid.number(column[row])
        if number is not None:
            column[row] = grid.numbered(column[row], number * factor)
            done += 1
    return done


def scaled_column(factor: float) -> Mutation:
    """A column of numbers times a factor."""

    def mutate(grid: Grid, random: Random) -> str | None:
        place = _any_numeric(grid, random)
        if place is None:
            return None
        done = _changed(grid, place, list(range(grid.height)), factor)
        return f"{_name(grid, place)}: {done} cells times {factor:g}"

    return mutate


def scaled_all(factor: float) -> Mutation:
    """All columns of numbers times a factor, from the first that is no year on."""

    def mutate(grid: Grid, random: Random) -> str | None:
        done = sum(
            _changed(grid, place, list(range(grid.height)), factor) for place in grid.numeric()
        )
        return f"all {done} numbers times {factor:g}" if done else None

    return mutate


def scaled_cell(factor: float) -> Mutation:
    """One number times a factor; half of the times it is one of the largest of its column."""

    def mutate(grid: Grid, random: Random) -> str | None:
        place = _any_numeric(grid, random)
        if place is None:
            return None
        numbers = [
            (abs(number), row)
            for row, cell in enumerate(grid.columns[place])
            if (number := grid.number(cell))
        ]
        if not numbers:
            return None
        if random.random() < 0.5:
            numbers = sorted(numbers)[-max(len(numbers) // 20, 1) :]
        _, row = random.choice(numbers)
        _changed(grid, place, [row], factor)
        return f"{_name(grid, place)}, row {row + 2}, times {factor:g}"

    return mutate


def swapped_columns(grid: Grid, random: Random) -> str | None:
    """The cells of two columns of numbers change places, their headings stay."""
    places = grid.numeric() if random.random() < 0.7 else list(range(len(grid.columns)))
    if len(places) < 2:
        return None
    one, other = random.sample(places, 2)
    grid.columns[one], grid.columns[other] = grid.columns[other], grid.columns[one]
    return f"{_name(grid, one)} and {_name(grid, other)} swapped"


def shifted_column(grid: Grid, random: Random) -> str | None:
    """The cells of a column stand a row too low."""
    place = _any_numeric(grid, random)
    if place is None or grid.height < 3:
        return None
    column = grid.columns[place]
    rows = [row for row, cell in enumerate(column) if grid.number(cell) is not None]
    before = [column[row] for row in rows]
    for row, cell in zip(rows, [before[-1], *before[:-1]], strict=True):
        column[row] = cell
    return f"{_name(grid, place)} shifted by a row"


def shifted_columns(grid: Grid, random: Random) -> str | None:
    """Every column of numbers stands one place to the right of its heading."""
    places = grid.numeric()
    if len(places) < 3:
        return None
    cells = [grid.columns[place] for place in places]
    for place, column in zip(places, [cells[-1], *cells[:-1]], strict=True):
        grid.columns[place] = column
    return f"{len(places)} columns shifted by a heading"


def half_the_rows(grid: Grid, random: Random) -> str | None:
    """Half of the rows is gone: the last, the first, or any."""
    if grid.height < 4:
        return None
    half = grid.height // 2
    which = random.choice(["first", "last", "any"])
    rows = {
        "first": list(range(half)),
        "last": list(range(half, grid.height)),
        "any": sorted(random.sample(range(grid.height), half)),
    }[which]
    grid.map_rows(rows)
    return f"only the {which} half of the rows"


def without_a_tenth(grid: Grid, random: Random) -> str | None:
    """A tenth of the rows is gone."""
    if grid.height < 20:
        return None
    grid.map_rows(sorted(random.sample(range(grid.height), grid.height - grid.height // 10)))
    return "a tenth of the rows gone"


def repeated_rows(grid: Grid, random: Random) -> str | None:
    """Some rows stand twice."""
    if not grid.height:
        return None
    count = random.choice([1, max(grid.height // 10, 1)])
    rows = sorted(random.sample(range(grid.height), count))
    grid.map_rows([*range(grid.height), *rows])
    return f"{count} rows twice"


def swapped_names(grid: Grid, random: Random) -> str | None:
    """Two words of a column change places wherever they stand."""
    labels = grid.labels()
    if not labels:
        return None
    place = random.choice(labels)
    words = sorted({cell for cell in grid.columns[place] if cell.strip()})
    one, other = random.sample(words, 2)
    swap = {one: other, other: one}
    grid.columns[place] = [swap.get(cell, cell) for cell in grid.columns[place]]
    return f"{_name(grid, place)}: {one[:40]!r} and {other[:40]!r} swapped"


def swapped_cells(grid: Grid, random: Random) -> str | None:
    """The words of two rows change places, once."""
    labels = grid.labels()
    if not labels:
        return None
    place = random.choice(labels)
    column = grid.columns[place]
    one, other = random.sample(range(grid.height), 2)
    if column[one] == column[other]:
        return None
    column[one], column[other] = column[other], column[one]
    return f"{_name(grid, place)}: rows {one + 2} and {other + 2} swapped"


def blank_column(grid: Grid, random: Random) -> str | None:
    """A column of numbers is empty."""
    place = _any_numeric(grid, random)
    if place is None:
        return None
    grid.columns[place] = [""] * grid.height
    return f"{_name(grid, place)} blank"


def other_header(grid: Grid, random: Random) -> str | None:
    """A heading has another name."""
    named = [place for place, name in enumerate(grid.header) if name.strip()]
    if not named:
        return None
    place = random.choice(named)
    old, grid.header[place] = grid.header[place], random.choice(["Figure", "Column1", ""])
    return f"heading {old!r} is {grid.header[place]!r}"


def swapped_headers(grid: Grid, random: Random) -> str | None:
    """Two headings change places."""
    named = [place for place, name in enumerate(grid.header) if name.strip()]
    if len(named) < 2:
        return None
    one, other = random.sample(named, 2)
    header = grid.header
    header[one], header[other] = header[other], header[one]
    return f"headings {header[other]!r} and {header[one]!r} swapped"


def other_unit(grid: Grid, random: Random) -> str | None:
    """A unit is another: in a column of units, or at the end of a heading."""
    places = [n for n, name in enumerate(grid.header) if "unit" in name.lower()]
    if places:
        column = grid.columns[random.choice(places)]
        words = sorted({cell for cell in column if cell.strip()})
        if not words:
            return None
        old, new = random.choice(words), random.choice([*words, *UNITS])
        rows = [row for row, cell in enumerate(column) if cell == old]
        for row in rows if random.random() < 0.5 else [random.choice(rows)]:
            column[row] = new
        return f"unit {old!r} is {new!r}"
    named = [n for n, name in enumerate(grid.header) if name.rpartition("_")[2] in UNITS]
    if not named:
        return None
    place = random.choice(named)
    old = grid.header[place]
    grid.header[place] = f"{old.rpartition('_')[0]}_{random.choice(UNITS)}"
    return f"heading {old!r} is {grid.header[place]!r}"


GRID: dict[str, Mutation] = {
    "swap two columns": swapped_columns,
    "shift a column by a row": shifted_column,
    "shift columns by a heading": shifted_columns,
    "a cell x1000": scaled_cell(1000),
    "a cell :1000": scaled_cell(0.001),
    "a cell is 0": scaled_cell(0),
    "a column x1000": scaled_column(1000),
    "a column :2": scaled_column(0.5),
    "a column x10^8": scaled_column(1e8),
    "a column is 0": scaled_column(0),
    "a column's sign": scaled_column(-1),
    "all is 0": scaled_all(0),
    "all x1000": scaled_all(1000),
    "blank a column": blank_column,
    "half the rows": half_the_rows,
    "a tenth of the rows gone": without_a_tenth,
    "rows twice": repeated_rows,
    "swap two names": swapped_names,
    "swap two cells": swapped_cells,
    "another heading": other_header,
    "swap two headings": swapped_headers,
    "another unit": other_unit,
}


def _cut(content: bytes, random: Random) -> bytes:
    return content[: random.randrange(len(content))]


def _cut_at_a_line(content: bytes, random: Random) -> bytes:
    end = content.find(b"\n", random.randrange(len(content)))
    return content[: end + 1]


def _encoded(content: bytes, random: Random) -> bytes:
    return content.decode("latin-1").encode(random.choice(["utf-8", "utf-16", "utf-8-sig"]))


def _flipped(content: bytes, random: Random) -> bytes:
    changed = bytearray(content)
    for _ in range(random.choice([1, 8, 64])):
        changed[random.randrange(len(changed))] ^= 1 << random.randrange(8)
    return bytes(changed)


BYTES: dict[str, OF_BYTES] = {
    "cut": _cut,
    "cut at a line": _cut_at_a_line,
    "another encoding": _encoded,
    "an error page": lambda _, __: PAGE,
    "nothing": lambda _, __: b"",
    "flipped bits": _flipped,
}
