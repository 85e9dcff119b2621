"""Frame schemas that several sources share: lake tables in one shape, what all rows carry."""

import dataframely as dy

from sources.reading.rules import country_where_kind_says_so, figure_where_published
from sources.reading.vocabulary import DERIVATIONS, GEOGRAPHY_KINDS, SUPPLY_STAGES, VALUE_STATUSES


class LakeRow(dy.Schema):
    """What a row of the lake says of its origin. Not a table of its own."""

    source_id = dy.String()
    edition = dy.String(primary_key=True)
    released_on = dy.Date()
    source_file = dy.String()
    file_row = dy.UInt32()
    source_row_id = dy.String()


class Production(LakeRow):
    """Production in the warehouse's terms, as every publisher of it fills it.

    Grain: one row per source, edition, mineral, stage, form, basis, geography, year. Quantities in
    metric tonnes on `basis`. `country_iso3` is null for the world and for "Other countries". `published_stage` is
    the publisher's word for `stage`, or the title of a table without one. `excluded_producers`: who makes some and is left
    out of the world total, as ISO codes joined by ";"; null where nobody is.
    """

    published_commodity = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    published_value = dy.String(nullable=True)
    published_unit = dy.String(nullable=True)
    mineral_id = dy.String(primary_key=True)
    stage = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    form = dy.String(primary_key=True)
    basis = dy.String(primary_key=True)
    geography_kind = dy.String(primary_key=True, check=lambda c: c.is_in(GEOGRAPHY_KINDS))
    geography_id = dy.String(primary_key=True)
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    quantity_tonnes = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    quantity_tonnes_lower = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    quantity_tonnes_upper = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    excluded_producers = dy.String(nullable=True)
    country_exactly_for_countries = country_where_kind_says_so()
    quantity_only_where_published = figure_where_published("quantity_tonnes")


class MonthTrade(LakeRow):
    """Trade of one month by line and partner, as every publisher of months fills it.

    Grain: edition, reporter, partner, flow, published code, month. `value` in `currency`, `quantity` in
    `quantity_unit`; `quantity_tonnes_gross` where that unit weighs the goods. A quantity of 0 beside a
    value is a missing one (`quantity_status`). `is_quantity_estimated` is the publisher's own flag, null where
    it has none.
    """

    published_partner = dy.String()
    published_value = dy.String()
    published_quantity = dy.String(nullable=True)
    published_unit = dy.String(nullable=True)
    reporter_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    partner_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    flow = dy.String(primary_key=True, check=lambda c: c.is_in(["import", "export"]))
    hs_code = dy.String(primary_key=True, regex=r"^\d{6,10}$")
    hs6 = dy.String(regex=r"^\d{6}$")
    reference_year = dy.Int32(primary_key=True, min=1988, max=2100)
    reference_month = dy.Int32(primary_key=True, min=1, max=12)
    value = dy.Float64(min_exclusive=0, allow_nan=False, allow_inf=False)
    currency = dy.String(regex=r"^[A-Z]{3}$")
    quantity = dy.Float64(nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False)
    quantity_unit = dy.String(nullable=True)
    quantity_tonnes_gross = dy.Float64(
        nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False
    )
    quantity_status = dy.String(
        check=lambda c: c.is_in(["numeric", "not_available", "not_applicable"])
    )
    is_quantity_estimated = dy.Bool(nullable=True)
    derivation = dy.String(check=lambda c: c == "as_published")
    quantity_only_where_published = figure_where_published("quantity", status="quantity_status")


class SecretTrade(dy.Schema):
    """What a reporter keeps secret, or does not tell, in a month, where it may be trade of a line of ours.

    Grain: edition, reporter, partner, visible digits of the line, what is hidden. `partner_iso3` is null where the
    partner is hidden, and `partner_bloc_id` the bloc of which it is known to be a member; `visible_digits` are the
    first digits of the line, six where all are shown.
    """

    source_id = dy.String()
    edition = dy.String(primary_key=True)
    released_on = dy.Date()
    reporter_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    partner_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    partner_bloc_id = dy.String(nullable=True)
    partner_label = dy.String(primary_key=True)
    visible_digits = dy.String(primary_key=True, regex=r"^\d{2,6}$")
    hidden = dy.String(primary_key=True, check=lambda c: c.is_in(["partner", "code", "value"]))
    reference_year = dy.Int32(min=1988, max=2100)
    reference_month = dy.Int32(min=1, max=12)
    file_rows = dy.UInt32(min=1)


class AskedCode(dy.Schema):
    """Codes of goods that a pull asked for, lines or what they begin with. Grain: file, code.

    A pull of before it was written down has none.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    published_code = dy.String(primary_key=True, regex=r"^\d{2,6}$")


class LineNotAsked(dy.Schema):
    """Lines of our list that a pull did not ask for: they came into the list later. Grain: edition, line.

    That the pull has no row of them says nothing.
    """

    source_id = dy.String()
    edition = dy.String(primary_key=True)
    released_on = dy.Date()
    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")


class NotUsed(dy.Schema):
    """What of each file the warehouse does not use, and why. Grain: edition, file, label, reason."""

    source_id = dy.String(primary_key=True)
    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    label = dy.String(primary_key=True)
    not_used_reason = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)


class FileRows(dy.Schema):
    """How many records each file of an edition holds: what every account must add up to.

    A record is what carries a figure: a row, or a cell where a file is wide. README.md of the source says.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)


class RowAccount(dy.Schema):
    """Records of each file that are in no published table, with the reason. Grain: edition, file, reason."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    not_used_reason = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)


class LabelledRowAccount(dy.Schema):
    """As `RowAccount`, by `label` too: the series or the place in the file that the records stand in."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    label = dy.String(primary_key=True)
    not_used_reason = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)
