"""Frame schemas of export controls, milestones, agreements and claims: what was decided or said, when.

No status is stored: it depends on a date. sources/reference/README.md says how it follows.
"""

import dataframely as dy
import polars as pl

from sources.reading.rules import exactly_where, first_days, in_order, needs, value_or_reason
from sources.reading.vocabulary import SUPPLY_STAGES
from sources.reference.schema import TRUST

PRECISIONS = ["day", "month", "year"]
INSTRUMENTS = ["ban", "licence", "quota", "tax", "informal"]
EXTENTS = ["whole", "part", "technology"]
# How an item is known: the act's own text or a translation that prints it was read; somebody reports what
# it says; or neither.
VERIFICATIONS = ["read", "third_party", "from_memory"]
# How much of a mineral's goods under an HS line an item covers; end_user: some buyers of it.
COVERS = ["whole", "part", "end_user", "none"]
CLAIM_KINDS = ["range", "share", "event", "list"]
TEST_BASES = ["production", "trade", "controls", "lists", "not_testable"]
CLAIM_MEASURES = [
    "production_share",
    "average_production_share",
    "leader_count",
    "demand_share",
    "import_share",
    "import_share_fell",
    "import_share_stayed",
    "import_after",
    "us_imports_continue",
    "export_control",
    "end_use",
    "agreement",
]

# Measures that are answered by a row of a list of events.
EVENT_MEASURES = ["export_control", "agreement"]


class ExportControl(dy.Schema):
    """Export controls as events. Grain: `event_id`, one control on one target.

    All dates are inclusive; `effective_from` is null while a control is only announced. A date known
    to the month or year is its first day, and the precision says so. The last day of a suspension is
    no statement about the day after: what followed is unknown unless a later row says it.
    """

    event_id = dy.String(primary_key=True, regex=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")
    imposing_iso3 = dy.String(regex=r"^[A-Z]{3}$")
    target = dy.String()
    announced_on = dy.Date()
    announced_precision = dy.String(check=lambda c: c.is_in(PRECISIONS))
    effective_from = dy.Date(nullable=True)
    effective_to = dy.Date(nullable=True)
    suspended_from = dy.Date(nullable=True)
    suspended_until = dy.Date(nullable=True)
    date_precision = dy.String(nullable=True, check=lambda c: c.is_in(PRECISIONS))
    instrument = dy.String(check=lambda c: c.is_in(INSTRUMENTS))
    legal_ref = dy.String(nullable=True)
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)
    status_claims = dy.String(nullable=True)
    dates_in_order = in_order(
        ("announced_on", "effective_from"),
        ("effective_from", "effective_to"),
        ("suspended_from", "suspended_until"),
        ("announced_on", "suspended_from"),
    )
    suspension_has_its_start = needs(
        ("suspended_until", "suspended_from"), ("effective_to", "effective_from")
    )
    precision_exactly_for_dates = exactly_where(
        pl.col("effective_from").is_not_null(), "date_precision"
    )
    coarse_dates_are_first_days = first_days(
        ("announced_on", "announced_precision"), ("effective_from", "date_precision")
    )
    # A published control has a legal text, an informal one has none.
    text_exists_unless_informal = exactly_where(pl.col("instrument") != "informal", "legal_ref")


class ExportControlMineral(dy.Schema):
    """What each control covers. Grain: event and item; a mineral of ours once at a time in an event.

    `extent` is `whole` where everything of the mineral at the stage is covered, `part` for some
    forms, grades, elements or users, `technology` where no goods are. A null `stage` means that the
    control is not limited to one stage. Dates of an item's own go before its event's: what permits
    let pass for a time is an item of its own. `listed_by_event_id` is for a control on all that is on
    a list: the control that put the item there, and from when.
    """

    event_id = dy.String(primary_key=True)
    item = dy.String(primary_key=True)
    mineral_id = dy.String(nullable=True)
    extent = dy.String(check=lambda c: c.is_in(EXTENTS))
    stage = dy.String(nullable=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    announced_on = dy.Date(nullable=True)
    effective_from = dy.Date(nullable=True)
    effective_to = dy.Date(nullable=True)
    listed_by_event_id = dy.String(nullable=True)
    legal_ref = dy.String(nullable=True)
    source = dy.String()
    url = dy.String(nullable=True)
    read_at = dy.String(nullable=True)
    verification = dy.String(check=lambda c: c.is_in(VERIFICATIONS))
    scope_note = dy.String(nullable=True)
    # An item that begins on a day of its own was announced then or before, and ends after.
    own_start_is_announced = exactly_where(pl.col("effective_from").is_not_null(), "announced_on")
    own_dates_in_order = in_order(
        ("announced_on", "effective_from"), ("effective_from", "effective_to")
    )

    @dy.rule()
    def mineral_once_at_a_time(cls) -> pl.Expr:  # noqa: N805
        """Rows of one mineral in an event follow each other; the first may begin with its event."""
        group = [cls.event_id.col, cls.mineral_id.col]
        following = cls.effective_from.col.shift(-1).over(group, order_by=cls.effective_from.col)
        undated = cls.effective_from.col.is_null().sum().over(group)
        return cls.mineral_id.col.is_null() | (
            (undated <= 1)
            & (following.is_null() | (cls.effective_to.col < following).fill_null(value=False))
        )

    @dy.rule()
    def listed_items_have_no_dates(cls) -> pl.Expr:  # noqa: N805
        """The dates of what is listed are those of the control that lists it, of this mineral."""
        return cls.listed_by_event_id.col.is_null() | (
            cls.effective_from.col.is_null()
            & cls.effective_to.col.is_null()
            & cls.mineral_id.col.is_not_null()
        )

    @dy.rule()
    def what_was_read_has_its_place(cls) -> pl.Expr:  # noqa: N805
        """A text that was read has an address and a place in it."""
        return (cls.verification.col != "read") | (
            cls.url.col.is_not_null() & cls.read_at.col.is_not_null()
        )


class ExportControlLine(dy.Schema):
    """HS lines of a control's item, where they must be said by hand. Grain: event, item and line.

    `covers` speaks of the mineral's goods under the line, also where other metals share it: `whole`,
    `part` (some forms, grades, elements), `end_user` (some buyers only) or `none` (looked at, and
    outside). An item of extent `part` has no other lines than these; an item of extent `whole` has every
    line of its mineral and stage, and a row here overrules that.
    """

    event_id = dy.String(primary_key=True)
    item = dy.String(primary_key=True)
    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    covers = dy.String(check=lambda c: c.is_in(COVERS))
    reason = dy.String()
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))


class ExportControlT4(dy.Schema):
    """How table T4 of a book of USGS and our events cover each other. Grain: edition, row of T4 and item."""

    edition = dy.String(primary_key=True, regex=r"^MCS20\d{2}$")
    t4_row = dy.Int32(primary_key=True, min=1)
    country_iso3 = dy.String(regex=r"^[A-Z]{3}$")
    t4_item = dy.String(primary_key=True)
    event_id = dy.String(nullable=True)
    reason = dy.String(nullable=True)
    event_or_reason = value_or_reason("event_id", "reason")


class PolicyMilestone(dy.Schema):
    """Rulings, laws, benchmarks, lists and meetings that are no controls. Grain: `milestone_id`."""

    milestone_id = dy.String(primary_key=True, regex=r"^[A-Z0-9]+(-[A-Z0-9]+)*$")
    actor = dy.String()
    milestone_kind = dy.String(
        check=lambda c: c.is_in(["ruling", "law", "benchmark", "list", "meeting"])
    )
    occurred_on = dy.Date()
    date_precision = dy.String(check=lambda c: c.is_in(PRECISIONS))
    title = dy.String()
    benchmark = dy.String(nullable=True)
    benchmark_share = dy.Float64(nullable=True, min=0, max=1, allow_nan=False, allow_inf=False)
    benchmark_year = dy.Int32(nullable=True, min=2000, max=2100)
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)
    # A benchmark has name, share and year; anything else has none of them.
    benchmark_is_whole = exactly_where(
        pl.col("milestone_kind") == "benchmark", "benchmark", "benchmark_share", "benchmark_year"
    )
    coarse_dates_are_first_days = first_days(("occurred_on", "date_precision"))


class TradeAgreement(dy.Schema):
    """Agreements of the United States on minerals. Grain: agreement and partner."""

    agreement_id = dy.String(primary_key=True)
    partner_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    agreement_kind = dy.String(
        check=lambda c: c.is_in(
            [
                "agreement",
                "framework",
                "memorandum",
                "joint_statement",
                "reciprocal_trade",
                "truce",
            ]
        )
    )
    signed_on = dy.Date()
    date_precision = dy.String(check=lambda c: c.is_in(PRECISIONS))
    focus = dy.String()
    t5_row = dy.Int32(nullable=True, min=1)
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)
    coarse_dates_are_first_days = first_days(("signed_on", "date_precision"))


class Claim(dy.Schema):
    """Sentences of the press, in our words, with the correction known to us. Grain: `claim_id`.

    `claimed_low` and `claimed_high` are shares of 0 to 1; null where the sentence has no number.
    """

    claim_id = dy.String(primary_key=True, regex=r"^[A-Z0-9_]+$")
    claim_text = dy.String()
    claimed_on = dy.Date()
    claim_source = dy.String()
    claim_url = dy.String(nullable=True)
    claim_kind = dy.String(check=lambda c: c.is_in(CLAIM_KINDS))
    claimed_low = dy.Float64(nullable=True, min=0, max=1, allow_nan=False, allow_inf=False)
    claimed_high = dy.Float64(nullable=True, min=0, max=1, allow_nan=False, allow_inf=False)
    test_basis = dy.String(check=lambda c: c.is_in(TEST_BASES))
    correction = dy.String()
    correction_source = dy.String()
    correction_url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    # A range or share has both ends in order; an event or list has none.
    numbers_exactly_for_shares = exactly_where(
        pl.col("claim_kind").is_in(["range", "share"]), "claimed_low", "claimed_high"
    )
    numbers_in_order = in_order(("claimed_low", "claimed_high"))


class ClaimSubject(dy.Schema):
    """What a claim speaks of. Grain: claim and number of the subject.

    `geography_id` is whose share, imports or uses are meant, `partner_id` the supplier or the other
    side. A null mineral means that the claim names none: all of ours. `evidence_id` is the event or
    agreement of our lists that the subject speaks of.
    """

    claim_id = dy.String(primary_key=True)
    subject_no = dy.Int32(primary_key=True, min=1)
    mineral_id = dy.String(nullable=True)
    stage = dy.String(nullable=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    geography_id = dy.String()
    partner_id = dy.String(nullable=True)
    measure = dy.String(check=lambda c: c.is_in(CLAIM_MEASURES))
    evidence_id = dy.String(nullable=True)
    # A control or an agreement is one of our list; nothing else has evidence of this kind.
    evidence_exactly_for_events = exactly_where(
        pl.col("measure").is_in(EVENT_MEASURES), "evidence_id"
    )
