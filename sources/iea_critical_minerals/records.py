"""Records of a file, however it is laid out, and the published tables they make.

Belongs here: the one form in which both layouts hand over what they read. Does not belong here: where a
record stands in a file (`sheets.py`, `converted.py`), what its labels mean (`tidy.py`).
"""

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from sources.iea_critical_minerals.closed_tables import Sheet
from sources.reading.open_file import OpenFile, Tables
from sources.reading.values import with_values_parsed

# The rows that close a block. Their figures are fractions, not kilotonnes.
CLOSING_LABEL = {
    "supply": "Top 3 share",
    "demand": "Share of clean technologies in total demand",
}
# First projected years; the base year stands before them.
OUTLOOK_YEARS = {"supply": (2030, 2035, 2040), "demand": (2030, 2035, 2040, 2045, 2050)}
DEMAND_LABELS = ("published_commodity", "published_use", "published_scenario", "reference_year")
SUPPLY_LABELS = ("published_commodity", "published_stage", "published_country", "reference_year")


@dataclass(frozen=True)
class Figure:
    """One figure of a record: where it stands, and what stands there as text."""

    place: str
    scenario: str | None
    year: int
    text: str


@dataclass(frozen=True)
class Record:
    """One labelled row of one block. `stage` is None in the demand table."""

    sheet: Sheet
    commodity: str
    stage: str | None
    label: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True)
class Unread:
    """Records that are in no published table: how many, where, and why."""

    label: str
    reason: str
    count: int


def published(file: OpenFile, records: Iterable[Record], unread: Iterable[Unread]) -> Tables:
    """Published tables of one file. Records are numbered in the order given.

    Raises:
        SourceError: figures that are neither a number nor a known token, all of them at once.
    """
    rows: dict[str, list[dict[str, object]]] = {"supply": [], "demand": []}
    numbered = list(enumerate(records, start=1))
    for number, record in numbered:
        table = record.sheet.table or ""
        is_share = record.label == CLOSING_LABEL[table]
        labels = (
            {"published_stage": record.stage, "published_country": record.label}
            if table == "supply"
            else {"published_use": record.label}
        )
        rows[table] += [
            {
                "source_row_id": f"{file.edition.edition}:{file.name}:{figure.place}",
                "file_row": number,
                "published_commodity": record.commodity,
                "published_scenario": figure.scenario,
                "reference_year": figure.year,
                "published_unit": "fraction" if is_share else record.sheet.unit,
                "published_value": figure.text,
                **labels,
            }
            for figure in record.figures
        ]
    counts: dict[tuple[str, str], int] = {}
    for item in unread:
        counts[item.label, item.reason] = counts.get((item.label, item.reason), 0) + item.count
    account = [(*place, count) for place, count in counts.items() if count]
    columns = {"label": pl.String, "not_used_reason": pl.String, "file_rows": pl.UInt32}
    return {
        "supply": _figures(file, rows["supply"], SUPPLY_LABELS),
        "demand": _figures(file, rows["demand"], DEMAND_LABELS),
        "row_account": file.placed(pl.DataFrame(account, schema=columns, orient="row")),
        "file_rows": file.file_rows(len(numbered) + sum(counts.values())),
    }


def _figures(
    file: OpenFile, rows: list[dict[str, object]], labels: tuple[str, ...]
) -> pl.DataFrame:
    texts = ["source_row_id", "published_scenario", "published_unit"]
    schema = {
        **dict.fromkeys([*texts, "published_value"], pl.String),
        **dict.fromkeys([label for label in labels if label != "reference_year"], pl.String),
        "file_row": pl.UInt32,
        "reference_year": pl.Int32,
    }
    return with_values_parsed(file.placed(pl.DataFrame(rows, schema=schema)), file.source, labels)
