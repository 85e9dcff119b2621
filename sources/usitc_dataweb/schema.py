"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy
import polars as pl

from sources.reading.lake_schemas import LakeRow
from sources.reading.vocabulary import DERIVATIONS

FLOWS = ["import", "export"]
MEASURES = ["value", "first_quantity", "second_quantity"]
PERIOD_KINDS = ["year", "year_to_date"]
STATUSES = ["numeric", "zero", "bounded", "withheld", "not_available", "not_applicable"]


class PublishedCell(dy.Schema):
    """Cells as published, words and numbers untouched. Grain: one cell of a sheet (first row and column = 1).

    `suppressed_records`: how many shipments' quantities are left out of the cell, as the sheet says it.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    sheet = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=4)
    file_column = dy.UInt16(primary_key=True, min=6)
    published_flow = dy.String()
    published_months = dy.String()
    published_type = dy.String()
    published_country = dy.String()
    published_heading = dy.String(regex=r"^\d{4}$")
    published_title = dy.String()
    published_quantity = dy.String()
    published_period = dy.String()
    published_value = dy.String(regex=r"^\d+$")
    suppressed_records = dy.String(nullable=True, regex=r"^\d+$")


class UsTrade(LakeRow):
    """US trade by heading and partner: imports for consumption (customs value), domestic exports (FAS value).

    Grain: edition, flow, measure, HS4 heading, partner, quantity description, kind of period, year.
    `value_usd` in US dollars, without freight; `quantity` in `quantity_unit`. A year that is not over is
    `not_available`: the publisher prints 0. A quantity from which shipments are suppressed is `bounded`
    from below, or `withheld` where nothing is left. Values add up over quantity descriptions, quantities
    never do. `period_months` counts the months from January.
    """

    sheet = dy.String()
    file_column = dy.UInt16()
    published_country = dy.String()
    published_value = dy.String()
    published_unit = dy.String()
    flow = dy.String(primary_key=True, check=lambda c: c.is_in(FLOWS))
    measure = dy.String(primary_key=True, check=lambda c: c.is_in(MEASURES))
    hs4 = dy.String(primary_key=True, regex=r"^\d{4}$")
    heading_name = dy.String()
    other_goods = dy.String(nullable=True)
    partner_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    quantity_description = dy.String(primary_key=True)
    quantity_unit = dy.String(nullable=True)
    period_kind = dy.String(primary_key=True, check=lambda c: c.is_in(PERIOD_KINDS))
    period_months = dy.Int32(min=1, max=12)
    reference_year = dy.Int32(primary_key=True, min=1989, max=2100)
    value_usd = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    quantity = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    quantity_lower = dy.Float64(nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False)
    suppressed_records = dy.Int32(min=0)
    value_status = dy.String(check=lambda c: c.is_in(STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))

    @dy.rule()
    def figure_only_where_published(cls) -> pl.Expr:  # noqa: N805
        """A value or quantity exists exactly where the status says numeric or zero: missing is never 0."""
        figure = pl.coalesce(cls.value_usd.col, cls.quantity.col)
        return cls.value_status.col.is_in(["numeric", "zero"]) == figure.is_not_null()

    @dy.rule()
    def value_is_in_dollars_alone(cls) -> pl.Expr:  # noqa: N805
        """Dollars stand in rows of value, quantities in the others."""
        return (
            pl.when(cls.measure.col == "value")
            .then(cls.quantity.col.is_null() & cls.quantity_lower.col.is_null())
            .otherwise(cls.value_usd.col.is_null())
        )
