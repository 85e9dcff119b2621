"""What every layout of the source shares: lines of a CSV, accounts, short labels, names of files."""

import csv
import io
import re

import polars as pl

from sources.reading.catalog import Edition, Source
from sources.reading.errors import SourceError

MOST_CHARACTERS = 90
_HEAD, _TAIL = 44, 43
_SPACE = re.compile(r"\s+")


def shortened(label: str) -> str:
    """The label itself, or its two ends around "…" where it is over 90 characters.

    Labels of one table differ in their tails, so both ends are kept.
    """
    if len(label) <= MOST_CHARACTERS:
        return label
    return f"{label[:_HEAD]} … {label[-_TAIL:]}"


def account(edition: Edition, source_file: str, counts: dict[str, int]) -> pl.DataFrame:
    """Rows of `RowAccount` for the reasons that have records."""
    return pl.DataFrame(
        [
            {
                "edition": edition.edition,
                "source_file": source_file,
                "not_used_reason": reason,
                "file_rows": records,
            }
            for reason, records in sorted(counts.items())
            if records
        ],
        schema={
            "edition": pl.String,
            "source_file": pl.String,
            "not_used_reason": pl.String,
            "file_rows": pl.UInt32,
        },
    )


def folded(text: str) -> str:
    """As `sources.reading.text.cleaned`, for one cell."""
    return _SPACE.sub(" ", text.replace("\u2019", "'")).strip()


def grid(source: Source, source_file: str, text: str) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a CSV, every line as long as the header.

    Column names repeat and are left empty in these files, which a reader of frames would rename.

    Raises:
        SourceError: no lines, or lines of another length; all of them at once.
    """
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        rows, problem = [], str(error)
    else:
        problem = "" if len(rows) > 1 else "no line below the header"
    if not problem:
        ragged = [(n, len(row)) for n, row in enumerate(rows, 1) if len(row) != len(rows[0])]
        problem = "; ".join(f"row {n} has {cells} cells" for n, cells in ragged[:5])
    if problem:
        raise SourceError(
            source=source.source_id,
            problem="the file is no regular CSV",
            where=source_file,
            expected=f"lines of as many cells as the header ({len(rows[0]) if rows else 'unknown'})",
            got=f"{problem}; first line {text.split(chr(10), 1)[0].strip()[:80]!r}",
            next_step="fetch the file again as published; don't re-save it in a spreadsheet",
        )
    return [folded(name) for name in rows[0]], rows[1:]
