"""Frame schemas of what the source hands to the lake. Shares are 0 to 1; money is US dollars."""

import dataframely as dy
import polars as pl

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import (
    country_where_kind_says_so,
    figure_where_published,
    value_or_reason,
)
from sources.reading.vocabulary import DERIVATIONS, GEOGRAPHY_KINDS, VALUE_STATUSES
from sources.usgs_mcs_us.schema import CHAPTER_CODES, MINERAL_MEASURES

CONSUMPTION_BASES = ["apparent", "reported", "estimated", "not_stated"]
CONTROL_TYPES = ["export_ban", "temporary_export_ban", "export_licence", "export_quota"]
AGREEMENT_KINDS = [
    "framework",
    "agreement",
    "joint_statement",
    "memorandum_of_understanding",
    "cooperation",
]
SUPPLY_STATISTICS = [
    "apparent_consumption",
    "reported_consumption",
    "estimated_consumption",
    "secondary_production",
    "secondary_consumption",
    "stocks",
    "government_shipments",
]
SCRAP_KINDS = ["old", "new", "old_and_new", "not_stated", "none"]
STOCK_HOLDERS = [
    "producer",
    "consumer",
    "industry",
    "producer_and_consumer",
    "consumer_and_dealer",
    "producer_consumer_and_exchange",
    "exchange",
    "government",
    "not_stated",
    "none",
]
MINERAL_MATCHES = ["exact", "member_of_group", "not_mapped"]


def _number(*, share: bool = False) -> dy.Float64:
    return dy.Float64(
        nullable=True, min=0, max=1 if share else None, allow_nan=False, allow_inf=False
    )


class Passport(LakeRow):
    """What every row carries of its origin. Not a table of its own."""

    # Where a cell is the record, its column stands in `file_column` (see `schema.FileRows`).
    published_commodity = dy.String()
    published_value = dy.String(nullable=True)
    published_unit = dy.String(nullable=True)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))


class NetImportReliance(Passport):
    """US net import reliance as the publisher states it, as a share of consumption.

    Grain: one row per edition, mineral, form, year. The share is null unless a number is published; a
    bound (`>50`, `<25`) stands in lower and upper, the open end being 1 or 0. A net exporter (`E`) is
    null and no bound. Source: USGS Mineral Commodity Summaries 2023 to 2026, salient statistics.
    """

    file_column = dy.UInt16()
    published_measure = dy.String(nullable=True)
    mineral_id = dy.String(primary_key=True)
    form = dy.String(primary_key=True)
    consumption_basis = dy.String(check=lambda c: c.is_in(CONSUMPTION_BASES))
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    net_import_reliance_share = _number(share=True)
    net_import_reliance_share_lower = _number(share=True)
    net_import_reliance_share_upper = _number(share=True)
    share_only_where_published = figure_where_published("net_import_reliance_share")

    @dy.rule()
    def both_bounds_where_bounded(cls) -> pl.Expr:  # noqa: N805
        """Bounds come in pairs, in order, exactly where the status says bounded or below a unit."""
        lower = cls.net_import_reliance_share_lower.col
        upper = cls.net_import_reliance_share_upper.col
        has_both = lower.is_not_null() & upper.is_not_null() & (lower <= upper).fill_null(True)
        has_none = lower.is_null() & upper.is_null()
        return (
            pl.when(cls.value_status.col.is_in(["bounded", "below_unit"]))
            .then(has_both)
            .otherwise(has_none)
        )


class UsImportSource(Passport):
    """Share of US imports by origin over a period of years.

    Grain: one row per edition, mineral, form, partner, period. `geography_kind` `rest` is the publisher's
    "Other countries", `group` a list of countries in one line, kept as its words. China includes Hong
    Kong where `includes_hong_kong` says so. Source: USGS Mineral Commodity Summaries 2026.
    """

    published_form = dy.String()
    published_partner = dy.String()
    mineral_id = dy.String(primary_key=True)
    form = dy.String(primary_key=True)
    period_from = dy.Int32(primary_key=True, min=1900, max=2100)
    period_to = dy.Int32(primary_key=True, min=1900, max=2100)
    geography_kind = dy.String(primary_key=True, check=lambda c: c.is_in(GEOGRAPHY_KINDS))
    geography_id = dy.String(primary_key=True)
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    includes_hong_kong = dy.Bool()
    import_share = _number(share=True)
    import_share_lower = _number(share=True)
    import_share_upper = _number(share=True)
    country_exactly_for_countries = country_where_kind_says_so()
    share_only_where_published = figure_where_published("import_share")


class UnitValue(Passport):
    """Prices and unit values that the salient tables quote, each in its own unit and in dollars a tonne.

    Grain: one row per edition, mineral, price, year. `price_value` is in `price_unit`;
    `value_usd_per_tonne` is per tonne of what `price_basis` names (gross weight, or the content priced).
    It is null with `null_reason` where no number is published. `derivation` is `corrected` where the
    file's own heading names another unit or measure than the column holds. Source: as above.
    """

    file_column = dy.UInt16()
    published_measure = dy.String(nullable=True)
    mineral_id = dy.String(primary_key=True)
    price_label = dy.String(primary_key=True)
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    currency = dy.String(check=lambda c: c.is_in(["USD"]))
    price_unit = dy.String()
    price_basis = dy.String()
    price_value = _number()
    price_value_lower = _number()
    price_value_upper = _number()
    value_usd_per_tonne = _number()
    value_usd_per_tonne_lower = _number()
    value_usd_per_tonne_upper = _number()
    null_reason = dy.String(nullable=True)
    price_only_where_published = figure_where_published("price_value")
    null_has_a_reason = value_or_reason("value_usd_per_tonne", "null_reason")


class UsSupply(Passport):
    """US consumption, secondary production, stocks and stockpile shipments of the salient tables, in tonnes.

    Grain: one row per edition, mineral, form, statistic, kind of scrap, holder of stocks, year. `scrap_kind` is
    `none` where the statistic is no secondary supply, `holder` where it is no stock. Only what leaves or enters the
    Government's stockpile (`government_shipments`) may be below zero. `derivation` is `corrected` where the file's
    heading names another unit or measure than the column holds, or `corrections.yml` mends the cell.
    """

    file_column = dy.UInt16()
    published_statistic = dy.String(nullable=True)
    published_measure = dy.String(nullable=True)
    mineral_id = dy.String(primary_key=True)
    form = dy.String(primary_key=True)
    statistic = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STATISTICS))
    scrap_kind = dy.String(primary_key=True, check=lambda c: c.is_in(SCRAP_KINDS))
    holder = dy.String(primary_key=True, check=lambda c: c.is_in(STOCK_HOLDERS))
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    quantity_tonnes = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    quantity_tonnes_lower = _number()
    quantity_tonnes_upper = _number()
    quantity_only_where_published = figure_where_published("quantity_tonnes")

    @dy.rule()
    def kind_and_holder_where_they_belong(cls) -> pl.Expr:  # noqa: N805
        """Secondary supply has a kind of scrap, stocks have a holder, and nothing else has either."""
        is_second = cls.statistic.col.str.starts_with("secondary")
        return ((cls.scrap_kind.col != "none") == is_second) & (
            (cls.holder.col != "none") == (cls.statistic.col == "stocks")
        )

    @dy.rule()
    def only_shipments_below_zero(cls) -> pl.Expr:  # noqa: N805
        """A quantity is not negative, but for the net of a stockpile."""
        is_net = cls.statistic.col == "government_shipments"
        return is_net | (cls.quantity_tonnes.col.fill_null(0) >= 0)


class ExportControlT4(Passport):
    """Export controls on minerals in force by January 2026, as listed by USGS (table 4 of 2026).

    Grain: one row per edition, country, control, commodity, year in which it began. `commodity` is one
    commodity of the publisher's list in short words; `published_commodity` is the group it stands in,
    `published_control` and `published_country` the publisher's words. `null_reason` says why
    `mineral_id` is null. Lifted controls are not listed; `data_through` is the publisher's cut-off.
    """

    published_country = dy.String()
    published_control = dy.String()
    country_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    control_type = dy.String(primary_key=True, check=lambda c: c.is_in(CONTROL_TYPES))
    commodity = dy.String(primary_key=True)
    form = dy.String(primary_key=True)
    mineral_id = dy.String(nullable=True)
    null_reason = dy.String(nullable=True)
    control_year = dy.Int32(primary_key=True, min=1900, max=2100)
    data_through = dy.Date()
    mineral_or_reason = value_or_reason("mineral_id", "null_reason")


class TradeAgreementT5(Passport):
    """US agreements on critical minerals of 2025, as listed by USGS (table 5 of 2026).

    Grain: one row per edition and line of the table. `published_commodity` holds the agreement's name,
    `published_value` its date as first spelt. `signed_on` is null where only the month is published.
    """

    published_country = dy.String()
    file_line = dy.UInt32(primary_key=True)
    geography_kind = dy.String(check=lambda c: c.is_in(["country", "group"]))
    geography_id = dy.String()
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    agreement_kind = dy.String(check=lambda c: c.is_in(AGREEMENT_KINDS))
    signed_on = dy.Date(nullable=True)
    signed_year = dy.Int32(min=1900, max=2100)
    signed_month = dy.Int32(min=1, max=12)


class CriticalMineralT6(Passport):
    """Minerals of the US 2025 final list of critical minerals (table 6 of 2026): presence, no prose.

    Grain: one row per edition and mineral of the publisher. `mineral_match` says whether our mineral is
    the same or a group that contains it (neodymium in `rare_earths`); `null_reason` why there is none.
    """

    published_mineral = dy.String(primary_key=True)
    mineral_id = dy.String(nullable=True)
    form = dy.String(nullable=True)
    mineral_match = dy.String(check=lambda c: c.is_in(MINERAL_MATCHES))
    null_reason = dy.String(nullable=True)
    chapter_code = dy.String(check=lambda c: c.is_in(CHAPTER_CODES))
    mineral_or_reason = value_or_reason("mineral_id", "null_reason")


class CriticalMineralT7(Passport):
    """Salient figures of critical minerals, estimated 2025 (table 7 of 2026).

    Grain: one row per edition, mineral of the publisher, measure. `value` is in `value_unit`: tonnes, or
    a share 0 to 1 (`net_import_reliance`, `leading_country_share`); `none` for `primary_import_source`,
    whose answer is the country. `country_iso3` is the country that the measure is about: the first
    source of US imports, or the world's leading producer. `excluded_producers` are ISO codes left out of
    the world total.
    """

    published_mineral = dy.String(primary_key=True)
    measure = dy.String(primary_key=True, check=lambda c: c.is_in(MINERAL_MEASURES))
    mineral_id = dy.String(nullable=True)
    form = dy.String(nullable=True)
    mineral_match = dy.String(check=lambda c: c.is_in(MINERAL_MATCHES))
    null_reason = dy.String(nullable=True)
    reference_year = dy.Int32(min=1900, max=2100)
    published_country = dy.String(nullable=True)
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    value_unit = dy.String(check=lambda c: c.is_in(["tonnes", "share", "none"]))
    value = _number()
    value_lower = _number()
    value_upper = _number()
    note_code = dy.String(nullable=True)
    excluded_producers = dy.String(nullable=True)
    value_only_where_published = figure_where_published("value")

    @dy.rule()
    def shares_are_shares(cls) -> pl.Expr:  # noqa: N805
        """A share is at most 1."""
        return (cls.value_unit.col != "share") | (cls.value.col.fill_null(0) <= 1)
