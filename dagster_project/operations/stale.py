"""What grows old while nothing goes wrong: lists that are kept by hand, and editions that have not come."""

import csv
import datetime as dt
from dataclasses import dataclass
from pathlib import Path

from dagster_project.settings import DBT_PROJECT, Settings
from sources.editions.detect import overdue
from sources.editions.pins import PinStore, effective
from sources.reading.input import is_left_out
from sources.registry import all_sources

LISTS = DBT_PROJECT / "seeds" / "reviewed_list.csv"
CONTROLS = "sources/reference/export_controls.csv"


@dataclass(frozen=True)
class ReviewedList:
    """A list of ours: the day on which a person last compared it with the world, and until when that holds."""

    file: str
    checked_on: dt.date
    review_by: dt.date | None


def reviewed_lists(path: Path | None = None) -> list[ReviewedList]:
    """Every list that `dim_reviewed_list` has, by file."""
    with (path or LISTS).open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    found = []
    for row in rows:
        checked = dt.date.fromisoformat(row["checked_on"])
        days = row["review_days"]
        until = checked + dt.timedelta(days=int(days)) if days else None
        found.append(ReviewedList(row["list_file"], checked, until))
    return found


def old_lists(today: dt.date, path: Path | None = None) -> list[str]:
    """Lists that should have been looked at again by now, a line each, the longest overdue first."""
    old = [
        (one.review_by, one)
        for one in reviewed_lists(path)
        if one.review_by is not None and one.review_by < today
    ]
    return [
        f"{one.file}: last checked on {one.checked_on}, {(today - one.checked_on).days} days ago; due {until}"
        for until, one in sorted(old, key=lambda found: (found[0], found[1].file))
    ]


def controls_checked_on() -> dt.date:
    """The day up to which our list of export controls is known to be whole."""
    return next(one.checked_on for one in reviewed_lists() if one.file == CONTROLS)


def old_editions(settings: Settings, today: dt.date) -> list[str]:
    """Sources whose next edition is overdue, a line each, whatever the input: offline nobody else asks.

    Raises:
        SourceError: the pins are damaged.
    """
    store = PinStore(settings.state)
    late = {
        source.source_id: overdue(effective(store, source.source_id), today)
        for source in all_sources()
        if not is_left_out(source, settings.input, settings.include_restricted)
    }
    return [f"{source_id}: {said}" for source_id, said in sorted(late.items()) if said]
