"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

from typing import ClassVar

import dataframely as dy
import polars as pl

from sources.reading.rules import exactly_where, figure_where_published

REVISIONS = ["HS1992", "HS1996", "HS2002", "HS2007", "HS2012", "HS2017", "HS2022"]
QUANTITY_STATUSES = ["numeric", "not_available", "below_unit"]


class PublishedTrade(dy.Schema):
    """Flows of one series on our lines. Grain: edition, series, HS6, year, importer, exporter.

    `value_usd` is the publisher's thousand US dollars times 1,000, `quantity_kg` its tonnes times 1,000,
    both by their digits; a null quantity is a printed `NA`. Codes are BACI's.
    """

    edition = dy.String(primary_key=True)
    series_id = dy.String(primary_key=True)
    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    reference_year = dy.Int32(primary_key=True, min=1988, max=2100)
    importer_code = dy.Int32(primary_key=True, min=1, max=999)
    exporter_code = dy.Int32(primary_key=True, min=1, max=999)
    value_usd = dy.Int64(min=0)
    quantity_kg = dy.Int64(nullable=True, min=0)


class Series(dy.Schema):
    """Series of the release. Grain: edition, series.

    `is_truncated_release`: only the largest partners of each country are in it. `is_partial_partners`:
    only some countries are, so no share of the world can be taken.
    """

    edition = dy.String(primary_key=True)
    series_id = dy.String(primary_key=True)
    source_file = dy.String()
    hs_revision = dy.String(check=lambda c: c.is_in(REVISIONS))
    is_truncated_release = dy.Bool()
    has_quantities = dy.Bool()
    is_partial_partners = dy.Bool()
    first_year = dy.Int32(min=1988, max=2100)
    last_year = dy.Int32(min=1988, max=2100)
    note = dy.String()


class SeriesGap(dy.Schema):
    """Countries that a series lacks altogether, as exporters and importers. Grain: series, code, first year."""

    edition = dy.String(primary_key=True)
    series_id = dy.String(primary_key=True)
    country_code = dy.Int32(primary_key=True, min=1, max=999)
    first_year = dy.Int32(primary_key=True, min=1988, max=2100)
    last_year = dy.Int32(min=1988, max=2100)
    note = dy.String()


class LakeSeriesGap(SeriesGap):
    """Countries that a series lacks altogether. Grain: series, code, first year.

    A line of such a series is one of the world without that country: its absence is no zero.
    """

    country_iso3 = dy.String(regex=r"^[A-Z]{3}$")


class FileAccount(dy.Schema):
    """Rows of each file: in = kept + not used. Grain: edition, file, member (the file itself without one)."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    member = dy.String(primary_key=True)
    series_id = dy.String()
    rows_in = dy.UInt32(min=1)
    rows_kept = dy.UInt32()
    rows_not_used = dy.UInt32()

    @dy.rule()
    def rows_in_are_kept_or_not_used(cls) -> pl.Expr:  # noqa: N805
        """Nothing is lost on the way."""
        return cls.rows_in.col == cls.rows_kept.col + cls.rows_not_used.col


class LineAccount(dy.Schema):
    """Rows of each line and year, used or not. Grain: edition, series, year, HS6.

    `value_usd` is the sum over the rows used; lines not used are dropped as text, so theirs is null.
    """

    edition = dy.String(primary_key=True)
    series_id = dy.String(primary_key=True)
    reference_year = dy.Int32(primary_key=True, min=1988, max=2100)
    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    rows = dy.UInt32(min=1)
    value_usd = dy.Int64(nullable=True, min=0)
    is_used = dy.Bool()
    not_used_reason = dy.String(nullable=True)
    # A value for lines used, a reason for the others.
    value_exactly_where_used = exactly_where(pl.col("is_used"), "value_usd")
    reason_exactly_where_not_used = exactly_where(~pl.col("is_used"), "not_used_reason")


class Trade(dy.Schema):
    """Bilateral trade by HS6, reconciled by CEPII. Grain: series, HS6, exporter, importer, year.

    `value_usd` is FOB in US dollars of the year, to the publisher's last digit. `quantity_tonnes_gross`
    are tonnes of goods, null where the publisher has none. The series overlap: take one of them for a
    line and its whole span, never a splice. `is_truncated_release`: only the largest partners of each
    country are there.
    """

    lake_order: ClassVar[tuple[str, ...]] = (
        "series_id",
        "hs6",
        "reference_year",
        "importer_iso3",
        "exporter_iso3",
        "edition",
    )
    source_id = dy.String()
    edition = dy.String(primary_key=True)
    series_id = dy.String(primary_key=True)
    hs_revision = dy.String(check=lambda c: c.is_in(REVISIONS))
    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    exporter_code = dy.Int32(min=1, max=999)
    importer_code = dy.Int32(min=1, max=999)
    exporter_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    importer_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    reference_year = dy.Int32(primary_key=True, min=1988, max=2100)
    value_usd = dy.Int64(min=0)
    quantity_tonnes_gross = dy.Float64(
        nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False
    )
    quantity_status = dy.String(check=lambda c: c.is_in(QUANTITY_STATUSES))
    is_truncated_release = dy.Bool()
    quantity_exactly_where_numeric = figure_where_published(
        "quantity_tonnes_gross", status="quantity_status"
    )
