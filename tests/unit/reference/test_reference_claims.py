"""Claims of the press: the known ones are there, in numbers as printed, each with subjects."""

import polars as pl
import pytest

from sources.reading.errors import SourceError
from sources.reading.lake import validated
from sources.reference.schema_policy import Claim, ClaimSubject

WANTED = {
    "CHN_60_OF_NEEDS",
    "CHN_REFINES_47_87",
    "MEETING_60_OF_DEMAND",
    "JPN_ACTED_2010",
    "G7_STILL_RELIANT",
    "CHN_RESTRICTS_JPN",
    "END_USES",
    "US_AGREEMENTS",
    "US_OTHER_AGREEMENTS",
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
        ("END_USES", None, None, "lists"),
        ("US_AGREEMENTS", None, None, "lists"),
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


def test_japan_fell_and_the_other_members_stayed(lists: dict[str, pl.DataFrame]) -> None:
    """The claim says one thing of Japan and its contrary of the six others."""
    rows = lists["claim_subject"].filter(pl.col("claim_id") == "JPN_ACTED_2010")
    sides = {
        measure: set(rows.filter(pl.col("measure") == measure)["geography_id"])
        for measure in ("import_share_fell", "import_share_stayed")
    }
    others = set(lists["country_group_member"].filter(pl.col("group_id") == "G7")["member_id"]) - {
        "JPN"
    }
    assert sides == {"import_share_fell": {"JPN"}, "import_share_stayed": others}
    assert len(others) == 6


def test_ukraine_is_an_agreement_outside_t5(lists: dict[str, pl.DataFrame]) -> None:
    row = lists["trade_agreement"].filter(pl.col("partner_iso3") == "UKR").row(0, named=True)
    assert str(row["signed_on"]) == "2025-04-30"
    assert row["t5_row"] is None


@pytest.mark.parametrize(("measure", "evidence"), [("agreement", None), ("import_share", "X")])
def test_evidence_is_of_events_alone(
    lists: dict[str, pl.DataFrame], measure: str, evidence: str | None
) -> None:
    row = (
        lists["claim_subject"]
        .head(1)
        .with_columns(measure=pl.lit(measure), evidence_id=pl.lit(evidence, dtype=pl.String))
    )
    with pytest.raises(SourceError) as caught:
        validated(row, ClaimSubject, "reference", "claim_subject")
    assert any("evidence_exactly_for_events" in text for text in caught.value.offenders)


def test_sixty_per_cent_of_needs_carries_its_correction(lists: dict[str, pl.DataFrame]) -> None:
    claim = _claim(lists, "CHN_60_OF_NEEDS")
    assert "60% of world demand" in str(claim["correction"])
    assert claim["correction_url"]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"claimed_low": 0.9}, "numbers_in_order"),
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
