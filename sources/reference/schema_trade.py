"""Frame schemas of our lists for trade: HS lines, overrides by flow, contained-metal factors, areas given as one."""

import dataframely as dy
import polars as pl

from sources.reading.rules import exactly_where, in_order, needs
from sources.reading.vocabulary import SUPPLY_STAGES
from sources.reference.schema import TRUST

# Years in which the World Customs Organization's revisions took effect, oldest first.
HS_REVISIONS = ["HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022"]
# hs92: all years with tonnes. hs17_2024: 2024 with tonnes, 2002-2023 as truncated values.
# comtrade_importers: declarations that may not be redistributed. none: null, with the reason.
DATA_HELD = ["hs92", "hs17_2024", "comtrade_importers", "none"]
QUANTITY_BASES = ["gross", "items_or_gross", "items"]
FACTOR_KINDS = ["stoichiometric", "typical_grade"]
FORMS = [
    "ore_or_concentrate",
    "smelter",
    "chemical",
    "metal",
    "ferroalloy",
    "artificial_graphite",
    "product",
    "scrap",
]


class HsLine(dy.Schema):
    """HS six-digit lines of our minerals, each over the HS revisions in which the code exists.

    Grain: `hs6` and mineral. `is_exclusive`: the whole line lies within `mineral_id`. `group_id` is
    filled where one line mixes several metals: it is published as that group, never attributed to one
    metal; the group's members are the minerals of the rows that share it, and `group_other_members`
    says what else it holds. A mixed line can lie wholly within a mineral that is itself a group (rare
    earths). `data_*` is what this project's own extracts hold: first and last year with tonnes;
    `drift_from_year` is the first year in which the code is emptied by a later revision (unknown, never
    0); `second_series` names another series of the same line, for comparison and never for splicing.
    `contained_factor_key` is null where no factor is defensible.
    """

    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    mineral_id = dy.String(primary_key=True)
    stage = dy.String(check=lambda c: c.is_in(SUPPLY_STAGES))
    form = dy.String(check=lambda c: c.is_in(FORMS))
    is_exclusive = dy.Bool()
    group_id = dy.String(nullable=True, regex=r"^[a-z][a-z0-9_]*$")
    group_other_members = dy.String(nullable=True)
    hs_revision_from = dy.String(check=lambda c: c.is_in(HS_REVISIONS))
    hs_revision_to = dy.String(check=lambda c: c.is_in(HS_REVISIONS))
    quantity_basis = dy.String(check=lambda c: c.is_in(QUANTITY_BASES))
    contained_factor_key = dy.String(nullable=True)
    data_held = dy.String(check=lambda c: c.is_in(DATA_HELD))
    data_from_year = dy.Int32(nullable=True, min=1995, max=2100)
    data_to_year = dy.Int32(nullable=True, min=1995, max=2100)
    drift_from_year = dy.Int32(nullable=True, min=1995, max=2100)
    second_series = dy.String(nullable=True, check=lambda c: c.is_in(["hs17_2024"]))
    null_reason = dy.String(nullable=True)
    note = dy.String()
    source = dy.String()
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    others_only_in_groups = needs(("group_other_members", "group_id"))
    # The last revision is the first one or a later one; their names sort by year.
    ends_after_it_begins = in_order(("hs_revision_from", "hs_revision_to"))
    years_exactly_where_held = exactly_where(
        pl.col("data_held") != "none", "data_from_year", "data_to_year"
    )
    # A line without a whole series of tonnes says why.
    gaps_have_a_reason = exactly_where(
        (pl.col("data_held") != "hs92") | pl.col("drift_from_year").is_not_null(), "null_reason"
    )

    @dy.rule()
    def shared_lines_are_groups(cls) -> pl.Expr:  # noqa: N805
        """A line that is not wholly one mineral's belongs to a group."""
        return cls.is_exclusive.col | cls.group_id.col.is_not_null()

    @dy.rule()
    def one_group_per_line(cls) -> pl.Expr:  # noqa: N805
        """All rows of a line name the same group, or none does."""
        return cls.group_id.col.fill_null("").n_unique().over(cls.hs6.col) == 1

    @dy.rule()
    def exclusive_lines_have_one_mineral(cls) -> pl.Expr:  # noqa: N805
        """A line wholly within one mineral has no second row."""
        return ~cls.is_exclusive.col | (cls.mineral_id.col.n_unique().over(cls.hs6.col) == 1)

    @dy.rule()
    def factors_only_for_exclusive_lines(cls) -> pl.Expr:  # noqa: N805
        """Nothing of a shared line is converted into one metal's content."""
        return cls.contained_factor_key.col.is_null() | cls.is_exclusive.col


class HsFlowOverride(dy.Schema):
    """Stage and factor of a line where they depend on who ships it, and to whom.

    Grain: `hs6`, exporter, importer (`ALL` = every importer); null years are open. A null factor key
    means that the line's own factor does not fit either: content unknown.
    """

    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    exporter_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    importer_id = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    valid_from_year = dy.Int32(nullable=True, min=1995, max=2100)
    valid_to_year = dy.Int32(nullable=True, min=1995, max=2100)
    stage = dy.String(check=lambda c: c.is_in(SUPPLY_STAGES))
    contained_factor_key = dy.String(nullable=True)
    reason = dy.String()
    source = dy.String()
    verified = dy.String(check=lambda c: c.is_in(TRUST))


class ContainedFactor(dy.Schema):
    """Tonnes of the element or oxide (`contained_as`) in one tonne of a traded material.

    Grain: `factor_key`. Stoichiometric factors are those of the pure compound; typical grades are
    ranges. `mineral_id` is null where the factor fits any mineral. Factors above 1 convert metal into
    oxide equivalent.
    """

    factor_key = dy.String(primary_key=True, regex=r"^[a-z][a-z0-9_]*$")
    mineral_id = dy.String(nullable=True)
    material = dy.String()
    formula = dy.String(nullable=True)
    contained_as = dy.String()
    factor = dy.Float64(min_exclusive=0, max=2)
    factor_low = dy.Float64(min_exclusive=0, max=2)
    factor_high = dy.Float64(min_exclusive=0, max=2)
    kind = dy.String(check=lambda c: c.is_in(FACTOR_KINDS))
    note = dy.String(nullable=True)
    source = dy.String()
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    factor_within_its_range = in_order(("factor_low", "factor"), ("factor", "factor_high"))

    @dy.rule()
    def pure_compounds_have_a_formula_and_no_range(cls) -> pl.Expr:  # noqa: N805
        """A stoichiometric factor has a formula and is one number; a grade has no formula."""
        pure = cls.kind.col == "stoichiometric"
        return (pure == cls.formula.col.is_not_null()) & (
            ~pure | (cls.factor_low.col == cls.factor_high.col)
        )


class AreaMember(dy.Schema):
    """Areas that trade data give as one, with the countries inside. Grain: area and member.

    A member's own figures are unknown in these years, never 0. Years are those of the publisher; null is
    open.
    """

    area_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    member_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    valid_from_year = dy.Int32(nullable=True, min=1900, max=2100)
    valid_to_year = dy.Int32(nullable=True, min=1900, max=2100)
    source = dy.String()
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)
