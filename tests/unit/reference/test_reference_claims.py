"""Claims of the press: the known ones are there, in numbers as printed, each with subjects."""

import polars as pl
import pytest

from sources.contract import validated
from sources.errors import SourceError
from sources.reference.schema_policy import Claim

WANTED = {
    "CHN_60_OF_NEEDS",
    "CHN_REFINES_47_87",
    "MEETING_60_OF_DEMAND",
    "JPN_ACTED_2010",
    "G7_STILL_RELIANT",
    "CHN_RESTRICTS_JPN",
    "END_USES",
    "US_AGREEMENTS",
    "PHASES",
    "CHN_19_OF_20",
    "CHN_SUPPLY_TO_US_CONTINUES",
}


def _claim(lists: dict[str, pl.DataFrame], claim_id: str) -> dict[str, object]:
    return lists["claim"].filter(pl.col("claim_id") == claim_id).row(0, named=True)


def test_every_sentence_is_there_and_has_subjects(lists: dict[str, pl.DataFrame]) -> None:
    assert set(lists["claim"]["claim_id"]) == WANTED
    assert set(lists["claim_subject"]["claim_id"]) == WANTED


def test_subjects_are_numbered_from_one(lists: dict[str, pl.DataFrame]) -> None:
    counts = lists["claim_subject"].group_by("claim_id").agg(pl.col("subject_no").sort())
    for numbers in counts["subject_no"]:
        assert numbers.to_list() == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize(
    ("claim_id", "low", "high", "basis"),
    [
        ("CHN_60_OF_NEEDS", 0.60, 0.60, "production"),
        ("CHN_REFINES_47_87", 0.47, 0.87, "production"),
        ("MEETING_60_OF_DEMAND", 0.60, 0.60, "not_testable"),
        ("CHN_19_OF_20", 0.70, 0.70, "production"),
        ("JPN_ACTED_2010", None, None, "trade"),
        ("CHN_RESTRICTS_JPN", None, None, "controls"),
    ],
)
def test_claim_is_as_printed(
    lists: dict[str, pl.DataFrame],
    claim_id: str,
    low: float | None,
    high: float | None,
    basis: str,
) -> None:
    claim = _claim(lists, claim_id)
    assert (claim["claimed_low"], claim["claimed_high"], claim["test_basis"]) == (low, high, basis)


def test_the_range_is_about_five_refined_minerals_of_china(
    lists: dict[str, pl.DataFrame],
) -> None:
    rows = lists["claim_subject"].filter(pl.col("claim_id") == "CHN_REFINES_47_87")
    assert set(rows["mineral_id"]) == {"copper", "lithium", "cobalt", "graphite", "rare_earths"}
    assert set(rows["stage"]) == {"refined"}
    assert set(rows["geography_id"]) == {"CHN"}


def test_sixty_per_cent_of_needs_carries_its_correction(lists: dict[str, pl.DataFrame]) -> None:
    claim = _claim(lists, "CHN_60_OF_NEEDS")
    assert "60% of world demand" in str(claim["correction"])
    assert claim["correction_url"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"claimed_low": 0.9}, "numbers_exactly_for_shares"),
        ({"claimed_high": None}, "numbers_exactly_for_shares"),
        ({"claim_kind": "event"}, "numbers_exactly_for_shares"),
        ({"claimed_high": 47.0}, "claimed_high"),
    ],
)
def test_impossible_claim_is_refused(
    lists: dict[str, pl.DataFrame], changes: dict[str, object], rule: str
) -> None:
    schema = lists["claim"].schema
    row = (
        lists["claim"]
        .filter(pl.col("claim_id") == "CHN_REFINES_47_87")
        .with_columns(
            pl.lit(value, dtype=schema[name]).alias(name) for name, value in changes.items()
        )
    )
    with pytest.raises(SourceError) as caught:
        validated(row, Claim, "reference", "claim")
    assert any(rule in offender for offender in caught.value.offenders)
