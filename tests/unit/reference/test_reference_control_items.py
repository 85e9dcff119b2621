"""Items of controls: their own days, what puts them on a list, and how each is known."""

import datetime as dt

import polars as pl
import pytest

from sources.reading.errors import SourceError
from sources.reading.lake import validated
from sources.reference.schema_policy import ExportControlMineral


def test_what_a_list_holds_is_on_it_by_a_licence(lists: dict[str, pl.DataFrame]) -> None:
    """A ban on all that is on a list: each item by the licence that put it there, which is in force."""
    items, events = lists["export_control_mineral"], lists["export_control"]
    listed = items.filter(pl.col("listed_by_event_id").is_not_null())
    assert set(listed["event_id"]) == {"CHN-US-BAN-2024", "CHN-US-MIL-2024", "CHN-JPN-2026"}
    licences = items.join(events, on="event_id").filter(
        (pl.col("target") == "ALL")
        & (pl.col("instrument") == "licence")
        & pl.col("effective_from_right").is_not_null()
        & pl.col("suspended_from").is_null()
    )
    found = listed.join(
        licences,
        left_on=["listed_by_event_id", "mineral_id"],
        right_on=["event_id", "mineral_id"],
        how="anti",
    )
    assert found.is_empty(), found.select("event_id", "item").rows()
    for event in ("CHN-US-MIL-2024", "CHN-JPN-2026"):
        on_the_list = set(listed.filter(pl.col("event_id") == event)["mineral_id"])
        assert len(on_the_list) == 12


def test_how_each_item_is_known(lists: dict[str, pl.DataFrame]) -> None:
    """Counted by hand in the list; what was read names the article, and no item is from memory."""
    items = lists["export_control_mineral"]
    known = dict(items.group_by("verification").len().iter_rows())
    assert known == {"read": 56, "third_party": 69}
    assert not any("memory" in (note or "") for note in lists["export_control"]["note"])
    assert not any("memory" in (text or "") for text in lists["export_control"]["legal_ref"])


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"announced_on": None}, "own_start_is_announced"),
        ({"announced_on": dt.date(2025, 3, 18)}, "own_dates_in_order"),
        ({"effective_to": dt.date(2025, 3, 16)}, "own_dates_in_order"),
        ({"listed_by_event_id": "CHN-SB-2024"}, "listed_items_have_no_dates"),
        ({"effective_to": dt.date(2025, 9, 17)}, "mineral_once_at_a_time"),
        ({"effective_to": None}, "mineral_once_at_a_time"),
        ({"verification": "read", "read_at": None}, "what_was_read_has_its_place"),
        ({"verification": "verified"}, "verification"),
    ],
)
def test_impossible_item_is_refused(
    lists: dict[str, pl.DataFrame], changes: dict[str, object], rule: str
) -> None:
    """Freeport's permit of 17 March to 16 September 2025, between two spans without one."""
    items = lists["export_control_mineral"].filter(pl.col("event_id") == "IDN-CU-2023")
    changed = pl.col("item") == "copper concentrate, but for Freeport (2025)"
    wrong = items.with_columns(
        pl.when(changed)
        .then(pl.lit(value, dtype=items.schema[name]))
        .otherwise(pl.col(name))
        .alias(name)
        for name, value in changes.items()
    )
    with pytest.raises(SourceError) as caught:
        validated(wrong, ExportControlMineral, "reference", "export_control_mineral")
    assert any(rule in offender for offender in caught.value.offenders)
