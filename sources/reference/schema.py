"""Frame schemas of our own lists, and of the catalogue of sources and editions.

Controls, agreements and claims are in `schema_policy.py`, HS lines and factors in `schema_trade.py`.
"""

import dataframely as dy
import polars as pl

from sources.reading.rules import exactly_where, in_order, value_or_reason
from sources.reading.vocabulary import SUPPLY_STAGES

# How far a row may be trusted; sources/reference/README.md says what each word promises.
TRUST = ["verified", "reported", "computed", "from memory, unverified", "sources disagree"]
QUESTIONS = ["supply", "trade", "us", "eu_recycling"]
SECTORS = ["defence", "semiconductors", "renewables", "batteries", "industrial_refining"]


class Mineral(dy.Schema):
    """Minerals the warehouse knows. Grain: `mineral_id`. A parent is a group that contains it."""

    mineral_id = dy.String(primary_key=True, regex=r"^[a-z][a-z_]*$")
    mineral_name = dy.String()
    parent_mineral_id = dy.String(nullable=True)
    chemical_symbol = dy.String(nullable=True)
    mineral_kind = dy.String(
        check=lambda c: c.is_in(["element", "group", "industrial_mineral", "product"])
    )


class Stage(dy.Schema):
    """The one stage vocabulary of production and trade. Grain: `stage`."""

    stage = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    stage_order = dy.Int32(min=1)
    stage_name = dy.String()
    stage_description = dy.String()


class Country(dy.Schema):
    """Countries and areas by ISO 3166 alpha-3, with years of validity (null = open). Grain: code."""

    country_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    country_name = dy.String()
    valid_from_year = dy.Int32(nullable=True)
    valid_to_year = dy.Int32(nullable=True)
    note = dy.String(nullable=True)
    source = dy.String()
    verified = dy.String()


class CountryAlias(dy.Schema):
    """What publishers call a country, in words and in codes. Grain: scheme and alias.

    An alias has not changed its meaning yet; the first that does needs its years in the key. What is
    no country has no code.
    """

    scheme = dy.String(primary_key=True)
    alias = dy.String(primary_key=True)
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    geography_kind = dy.String()
    valid_from_year = dy.Int32(nullable=True)
    valid_to_year = dy.Int32(nullable=True)
    note = dy.String(nullable=True)


class SourceRow(dy.Schema):
    """Publications we read, with licence and credit line. Grain: `source_id`."""

    source_id = dy.String(primary_key=True)
    publisher = dy.String()
    title = dy.String()
    source_description = dy.String()
    landing_page = dy.String()
    licence_id = dy.String()
    licence_title = dy.String()
    licence_url = dy.String()
    credit_line = dy.String()
    is_redistributable = dy.Bool()


class EditionRow(dy.Schema):
    """Releases of each publication. Grain: source and edition."""

    source_id = dy.String(primary_key=True)
    edition = dy.String(primary_key=True)
    edition_title = dy.String()
    released_on = dy.Date()
    released_on_verified = dy.String()
    citation = dy.String()
    url = dy.String()


class CountryGroupMember(dy.Schema):
    """Members of blocs, flattened to countries. Grain: group, member and the party that brought it in.

    Null dates are open; both ends count as membership. The parties of a meeting are the distinct
    `party_id` of its rows: a country that sits there itself is its own party.
    """

    group_id = dy.String(primary_key=True, regex=r"^[A-Z][A-Z0-9_]*$")
    group_name = dy.String()
    member_id = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    valid_from = dy.Date(nullable=True)
    valid_to = dy.Date(nullable=True)
    role = dy.String()
    party_id = dy.String(primary_key=True)
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)
    # A membership ends on the day it begins, or later.
    leaves_after_joining = in_order(("valid_from", "valid_to"))

    @dy.rule()
    def one_name_for_one_group(cls) -> pl.Expr:  # noqa: N805
        """A misspelt id is no new bloc: its name is that of another, or it has two."""
        group_id, name = cls.group_id.col, cls.group_name.col
        return (group_id.n_unique().over(name) == 1) & (name.n_unique().over(group_id) == 1)


class CriticalListMember(dy.Schema):
    """Entries of official lists of critical minerals. Grain: list and the list's own label.

    A label that is no mineral of ours has a reason instead. `label_covers` is `part` where the label
    is one element or grade of our mineral.
    """

    list_id = dy.String(
        primary_key=True, check=lambda c: c.is_in(["US2025", "EU2023", "EU2023_STRATEGIC"])
    )
    published_label = dy.String(primary_key=True)
    mineral_id = dy.String(nullable=True)
    label_covers = dy.String(nullable=True, check=lambda c: c.is_in(["whole", "part"]))
    reason = dy.String(nullable=True)
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    # Either a mineral of ours, with its cover, or the reason why there is none.
    mineral_or_reason = value_or_reason("mineral_id", "reason")
    mineral_with_its_cover = exactly_where(pl.col("mineral_id").is_not_null(), "label_covers")


class ByproductHost(dy.Schema):
    """What a mineral is a by-product of. Grain: mineral and host.

    The host is a mineral of ours, or text only where it is none.
    """

    mineral_id = dy.String(primary_key=True)
    host_label = dy.String(primary_key=True)
    host_mineral_id = dy.String(nullable=True)
    dependence = dy.String(check=lambda c: c.is_in(["sole", "main", "partly", "mutual"]))
    note = dy.String(nullable=True)
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))

    @dy.rule()
    def host_is_another_mineral(cls) -> pl.Expr:  # noqa: N805
        """No mineral hosts itself."""
        return cls.host_mineral_id.col.fill_null("") != cls.mineral_id.col


class FigurePage(dy.Schema):
    """Where a figure that no source of ours gives would be. Grain: question, mineral and stage asked of.

    `any` stands for every mineral or stage; the most particular row answers. Nothing is read from these pages.
    """

    question = dy.String(primary_key=True, check=lambda c: c.is_in(QUESTIONS))
    asked_mineral = dy.String(primary_key=True)
    asked_stage = dy.String(primary_key=True)
    publisher = dy.String()
    page_url = dy.String(regex=r"^https://")
    verified = dy.String(check=lambda c: c.is_in(TRUST))


class EndUse(dy.Schema):
    """Which sectors need a mineral: listed, not weighted. Grain: mineral and sector."""

    mineral_id = dy.String(primary_key=True)
    sector = dy.String(primary_key=True, check=lambda c: c.is_in(SECTORS))
    relevance = dy.String(check=lambda c: c.is_in(["primary", "secondary"]))
    example = dy.String()
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)


class ReferenceShare(dy.Schema):
    """Single figures that others printed, for claims and disagreement, never for a band.

    Grain: `share_id`. `subject` says what the figure covers where that is no mineral of ours;
    `reference_year` is null where the source names a period or nothing.
    """

    share_id = dy.String(primary_key=True)
    subject = dy.String()
    mineral_id = dy.String(nullable=True)
    stage = dy.String(nullable=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    measure = dy.String(
        check=lambda c: c.is_in(
            [
                "production_share",
                "projected_production_share",
                "average_production_share",
                "top3_share",
                "import_share",
                "demand_share",
                "n_minus_1_coverage",
                "restricted_trade_share",
            ]
        )
    )
    geography_id = dy.String()
    partner_id = dy.String(nullable=True)
    reference_year = dy.Int32(nullable=True, min=1990, max=2050)
    reference_period = dy.String()
    share = dy.Float64(min=0, max=1, allow_nan=False, allow_inf=False)
    edition = dy.String()
    source = dy.String()
    url = dy.String(nullable=True)
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)
