"""A next edition is overdue by the day of release of the newest one, and a day to come does not hide it."""

import datetime as dt

from sources.editions.detect import overdue
from sources.reading.catalog import load_source

PINK = "world_bank_pink_sheet"


def test_overdue_is_judged_by_the_day_of_release() -> None:
    source = load_source(PINK)
    newest = max(edition.released_on for edition in source.editions)
    day = newest.fromordinal
    assert overdue(source, day(newest.toordinal() + source.overdue_after_days)) == ""
    late = overdue(source, day(newest.toordinal() + source.overdue_after_days + 1))
    assert "46 days ago" in late


def test_an_edition_of_a_day_to_come_does_not_keep_overdue_silent() -> None:
    source = load_source(PINK)
    newest = source.newest
    today = newest.released_on + dt.timedelta(days=source.overdue_after_days + 1)
    ahead = newest.model_copy(
        update={"edition": "CMO2030-01", "released_on": today + dt.timedelta(days=2)}
    )
    late = overdue(source.with_editions([*source.editions, ahead]), today)
    assert late == overdue(source, today)
    assert late.startswith(newest.edition)
    # A day off is that of another time zone.
    tomorrow = ahead.model_copy(update={"released_on": today + dt.timedelta(days=1)})
    assert overdue(source.with_editions([*source.editions, tomorrow]), today) == ""
    assert overdue(source.with_editions([ahead]), today) == ""
