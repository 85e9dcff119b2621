"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy
import polars as pl

from sources.vocabulary import DERIVATIONS, GEOGRAPHY_KINDS, SUPPLY_STAGES, VALUE_STATUSES


class PublishedProduction(dy.Schema):
    """World production as published, every commodity.

    Grain: one figure (edition, record of the file, year). Text columns keep the publisher's own words
    with white space folded; `value_number` is in `published_unit`. Notes are kept as what they say
    about the figure (estimated, excluded producers), not as prose.
    """

    source_row_id = dy.String(primary_key=True)
    edition = dy.String()
    source_file = dy.String()
    file_row = dy.UInt32()
    published_commodity = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    published_unit = dy.String(nullable=True)
    reference_year = dy.Int32(min=1900, max=2100)
    published_value = dy.String(nullable=True)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    value_number = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    value_lower = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    value_upper = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    is_estimated = dy.Bool()
    excluded_producers = dy.String(nullable=True)

    @dy.rule()
    def number_only_where_published(cls) -> pl.Expr:  # noqa: N805
        """A figure exists exactly where the status says numeric or zero."""
        return cls.value_status.col.is_in(["numeric", "zero"]) == cls.value_number.col.is_not_null()

    @dy.rule()
    def zero_is_published_zero(cls) -> pl.Expr:  # noqa: N805
        """0 stands only where the publisher printed a zero token."""
        return (cls.value_number.col == 0).fill_null(False) == (cls.value_status.col == "zero")


class RowAccount(dy.Schema):
    """Records of each file that carry no world production figure, with the reason they are not used."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    not_used_reason = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)


class FileRows(dy.Schema):
    """How many records each file of an edition holds: what every account must add up to."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)


class Production(dy.Schema):
    """World production in the warehouse's terms.

    Grain: one row per source, edition, mineral, stage, form, basis, geography, year. Quantities in
    metric tonnes on `basis`. `country_iso3` is null for the world and for "Other countries".
    """

    source_id = dy.String()
    edition = dy.String(primary_key=True)
    released_on = dy.Date()
    source_file = dy.String()
    file_row = dy.UInt32()
    source_row_id = dy.String()
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

    @dy.rule()
    def country_exactly_for_countries(cls) -> pl.Expr:  # noqa: N805
        """Only rows of kind `country` carry an ISO code."""
        return (cls.geography_kind.col == "country") == cls.country_iso3.col.is_not_null()

    @dy.rule()
    def quantity_only_where_published(cls) -> pl.Expr:  # noqa: N805
        """A quantity exists exactly where the status says numeric or zero."""
        return (
            cls.value_status.col.is_in(["numeric", "zero"]) == cls.quantity_tonnes.col.is_not_null()
        )


class NotUsed(dy.Schema):
    """What of each file the warehouse does not use, and why. Grain: edition, file, label, reason."""

    source_id = dy.String(primary_key=True)
    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    label = dy.String(primary_key=True)
    not_used_reason = dy.String(primary_key=True)
    file_rows = dy.UInt32(min=1)
