"""What every layout of the source shares: the years of a book, lines of a CSV, short labels."""

import re

from sources.reading.files import csv_records, refuse_no_rows
from sources.reading.open_file import OpenFile

MOST_CHARACTERS = 90
_HEAD, _TAIL = 44, 43
BOOK = "MCS"
# Import sources are told of four years: the first is so many before the book's, and the last.
IMPORTS_FROM, IMPORTS_TO = 5, 2
_SPACE = re.compile(r"\s+")


def year_of(file: OpenFile) -> int:
    """The year of the book; its newest figures are of the year before."""
    return int(file.edition.edition.removeprefix(BOOK))


def shortened(label: str) -> str:
    """The label itself, or its two ends around "…" where it is over 90 characters.

    Labels of one table differ in their tails, so both ends are kept.
    """
    if len(label) <= MOST_CHARACTERS:
        return label
    return f"{label[:_HEAD]} … {label[-_TAIL:]}"


def cleaned_cell(text: str) -> str:
    """As `sources.reading.text.cleaned`, for one cell."""
    return _SPACE.sub(" ", text.replace("\u2019", "'")).strip()


def grid(file: OpenFile) -> tuple[list[str], list[list[str]]]:
    """Header and lines of a CSV in UTF-8 with BOM, every line as long as the header.

    Column names repeat and are left empty in these files, which a reader of frames would rename.

    Raises:
        SourceError: encoding, no lines, or lines of another length; all of them at once.
    """
    records = csv_records(
        file.source, file.name, file.text("utf-8-sig"), "lines of as many cells as the header"
    )
    refuse_no_rows(file.source, file.name, records)
    return [cleaned_cell(name) for name in records[0]], records[1:]
