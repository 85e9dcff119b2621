"""Pages that a person reads: their fenced blocks, and a query's answer as they print it.

Belongs here: finding and reading. Does not belong here: a rule.
"""

import math
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

ROOT = Path(__file__).resolve().parents[1]
FENCE = re.compile(r"^\s*```(\w*)\s*$")


@dataclass(frozen=True)
class Block:
    """One fenced block. `follows` is the block before it, if only blank lines lie between."""

    path: Path
    line: int
    language: str
    text: str
    follows: "Block | None"

    def __str__(self) -> str:
        return f"{self.path.relative_to(ROOT)}:{self.line}"


def pages() -> list[Path]:
    """Pages that a person reads."""
    top = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", ROOT / "CHANGELOG.md"]
    folders = [
        *ROOT.glob("docs/**/*.md"),
        *ROOT.glob("sources/*/README.md"),
        ROOT / "dbt/README.md",
    ]
    return [path for path in (*top, *sorted(folders)) if path.is_file()]


def blocks(path: Path, text: str) -> Iterator[Block]:
    """Fenced blocks of a page, in order."""
    opened: tuple[int, str] | None = None
    lines: list[str] = []
    before: Block | None = None
    for number, line in enumerate(text.splitlines(), start=1):
        fence = FENCE.match(line)
        if opened and line.strip() == "```":
            text_inside = textwrap.dedent("\n".join(lines))
            before = Block(path, opened[0], opened[1], text_inside, before)
            yield before
            opened = None
        elif opened:
            lines.append(line)
        elif fence:
            opened, lines = (number, fence[1]), []
        elif line.strip():
            before = None
    assert opened is None, f"{path.relative_to(ROOT)}:{opened}: block is never closed"


BLOCKS = [block for path in pages() for block in blocks(path, path.read_text(encoding="utf-8"))]


def cell(value: object) -> str:
    """A value as pages print it."""
    if value is None:
        return ""
    if isinstance(value, float):
        return str(int(value)) if math.isfinite(value) and value == int(value) else repr(value)
    return str(value)


def answer(connection: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Answer to a query as the docs print it: a heading, then one line a row, cells apart by ` | `."""
    cursor = connection.execute(sql)
    table = [[column[0] for column in cursor.description or []]]
    table += [[cell(value) for value in row] for row in cursor.fetchall()]
    widths = [max(len(cell) for cell in column) for column in zip(*table, strict=True)]
    return "\n".join(
        " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        for row in table
    )


def printed_cells(text: str) -> list[list[str]]:
    """Cells of an answer, however wide the page prints them."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()]
