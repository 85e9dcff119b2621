"""The closed tables of `mappings/`, and which year of an edition was observed.

Belongs here: reading them. Does not belong here: what a label that they lack leads to; each reader says
that in its own words.
"""

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import polars as pl

FOLDER = Path(__file__).parent / "mappings"


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


@cache
def mapping(name: str) -> pl.DataFrame:
    """One of the CSVs, all text, empty cells null."""
    return pl.read_csv(FOLDER / f"{name}.csv", infer_schema=False)


def base_years() -> dict[str, int]:
    """Edition to the only observed year in it; all later years are the outlook."""
    frame = mapping("base_years")
    return dict(zip(frame["edition"], frame["base_year"].cast(pl.Int32), strict=True))


def sheets(edition: str) -> dict[str, Sheet]:
    """Every sheet that the edition has, by name, in the file's order."""
    rows = mapping("sheets").filter(pl.col("edition") == edition)
    return {
        row["sheet"]: Sheet(
            name=row["sheet"],
            table=row["published_table"],
            title=row["title"],
            unit=row["published_unit"],
            scenario=row["published_scenario"],
            not_used_reason=row["not_used_reason"],
        )
        for row in rows.iter_rows(named=True)
    }


def is_note(label: str) -> bool:
    """Whether a label is one of the publisher's notes, by the closed rules of `note_rules.csv`."""
    return any(re.search(pattern, label) for pattern in mapping("note_rules")["pattern"])
