"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy
import polars as pl

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import figure_where_published
from sources.reading.vocabulary import DERIVATIONS, SUPPLY_STAGES

STATUSES = ["numeric", "not_available"]
# The publisher's unit words of the series we use, each with how many of it make a tonne.
# A troy ounce is exactly 31.1034768 grams.
UNITS_PER_TONNE = {"($/mt)": 1.0, "($/troy oz)": 1_000_000 / 31.1034768}


class PublishedPrice(dy.Schema):
    """Cells of the series that we use, as published. Grain: one cell of the sheet.

    `file_row` and `file_column` are the sheet's own, first = 1. Values keep every digit of the cell.
    """

    edition = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=7)
    file_column = dy.UInt16(primary_key=True, min=2)
    published_month = dy.String(regex=r"^\d{4}M\d{2}$")
    published_commodity = dy.String()
    published_unit = dy.String(check=lambda c: c.is_in(list(UNITS_PER_TONNE)))
    published_value = dy.String()


class CommodityPrice(LakeRow):
    """Monthly prices in nominal US dollars, averages of the month, not deflated.

    Grain: edition, mineral, stage, form, month. `price_usd_per_tonne` is per metric tonne of the
    material that is priced (phosphate rock: of rock), converted where the publisher prices troy
    ounces; null where there is no price. `published_value` is in `published_unit`.
    """

    file_column = dy.UInt16()
    published_commodity = dy.String()
    published_month = dy.String()
    published_value = dy.String()
    published_unit = dy.String()
    mineral_id = dy.String(primary_key=True)
    stage = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    form = dy.String(primary_key=True)
    price_month = dy.Date(primary_key=True)
    reference_year = dy.Int32(min=1960, max=2100)
    reference_month = dy.Int32(min=1, max=12)
    price_usd_per_tonne = dy.Float64(
        nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False
    )
    value_status = dy.String(check=lambda c: c.is_in(STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    price_only_where_published = figure_where_published("price_usd_per_tonne")

    @dy.rule()
    def month_is_its_first_day(cls) -> pl.Expr:  # noqa: N805
        """A month is given as its first day, in the year and month of the row."""
        return (
            (cls.price_month.col.dt.day() == 1)
            & (cls.price_month.col.dt.year() == cls.reference_year.col)
            & (cls.price_month.col.dt.month() == cls.reference_month.col)
        )
