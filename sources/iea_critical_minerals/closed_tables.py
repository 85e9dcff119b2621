"""The closed tables of `mappings/`, and which year of an edition was observed.

Belongs here: reading them. Does not belong here: what a label that they lack leads to; each reader says
that in its own words.
"""

import re
from dataclasses import dataclass

from sources.reading.catalog import Source
from sources.reading.mappings import mapping
from sources.reading.open_file import OpenFile


@dataclass(frozen=True)
class Sheet:
    """A sheet of the workbook, or a top-level key of the conversion.

    Exactly one of `table` (the published table it is read into) and `not_used_reason` is given.
    """

    name: str
    table: str | None
    title: str | None
    unit: str | None
    scenario: str | None
    not_used_reason: str | None


def base_years(source: Source) -> dict[str, int]:
    """Edition to the only observed year in it; all later years are the outlook."""
    rows = mapping(source, "base_years").select("edition", "base_year").iter_rows()
    return {edition: int(year) for edition, year in rows}


def observed_year(file: OpenFile) -> int:
    """The observed year of the file's edition.

    Raises:
        SourceError: the table has no row of the edition.
    """
    known = base_years(file.source)
    if file.edition.edition not in known:
        raise file.error(
            problem="an edition whose base year is not known",
            where="sources/iea_critical_minerals/mappings/base_years.csv",
            expected=f"a row of {file.edition.edition}",
            got=f"rows of {', '.join(known)}",
            next_step="look for the first year of the file, which is observed, and add it there",
        )
    return known[file.edition.edition]


def sheets(source: Source, edition: str) -> dict[str, Sheet]:
    """Every sheet that the edition has, by name, in the file's order."""
    rows = mapping(source, "sheets").filter(edition=edition)
    columns = ["sheet", "published_table", "title", "published_unit", "published_scenario"]
    found = (Sheet(*row) for row in rows.select(*columns, "not_used_reason").iter_rows())
    return {sheet.name: sheet for sheet in found}


def is_note(source: Source, label: str) -> bool:
    """Whether a label is one of the publisher's notes, by the closed rules of `note_rules.csv`."""
    return any(re.search(pattern, label) for pattern in mapping(source, "note_rules")["pattern"])
