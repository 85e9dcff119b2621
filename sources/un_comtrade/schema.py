"""Frame schemas of the source: rows as declared, and what they hand to the lake."""

import dataframely as dy
import polars as pl

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import figure_where_published

FLOWS = ["import", "export"]
VALUE_BASES = ["cif", "fob"]
QUANTITY_STATUSES = ["numeric", "not_available"]
NUMBER = r"^[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"


class PublishedDeclaration(dy.Schema):
    """Rows as declared, every one of them, in the publisher's codes and text. Grain: one row of a file.

    Null where a file lacks the column: the bulk file dropped customs procedure, mode of transport and
    second partner and kept their rows, so that a key stands there several times, totals and parts alike.
    `file_row` counts records, header = 1. Values in US dollars, weights in kilograms.
    """

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    published_reporter = dy.String(regex=r"^\d{1,3}$")
    published_partner = dy.String(regex=r"^\d{1,3}$")
    published_partner2 = dy.String(nullable=True)
    published_customs = dy.String(nullable=True)
    published_transport = dy.String(nullable=True)
    published_flow = dy.String()
    published_code = dy.String(regex=r"^(?:\d{2}|\d{4}|\d{6})$")
    published_classification = dy.String(nullable=True)
    reference_year = dy.Int32(min=1988, max=2100)
    published_value = dy.String(nullable=True, regex=NUMBER)
    published_cif = dy.String(nullable=True, regex=NUMBER)
    published_fob = dy.String(nullable=True, regex=NUMBER)
    published_net_weight = dy.String(nullable=True, regex=NUMBER)
    published_quantity = dy.String(nullable=True, regex=NUMBER)
    published_quantity_unit = dy.String(nullable=True)
    is_net_weight_estimated = dy.Bool(nullable=True)
    is_quantity_estimated = dy.Bool(nullable=True)


class PublishedMonth(PublishedDeclaration):
    """The same of one month; `published_month` as the API has it (202405)."""

    published_month = dy.String(regex=r"^\d{6}$")


class Declaration(LakeRow):
    """What one country declared of its trade with one partner on one line in one year: the total.

    Grain: edition (a fetch, or a file), reporter, partner, HS6, flow, year. `value_usd` is what was
    declared: of imports usually CIF, of exports FOB; `value_basis` says which, null where the file does
    not. `quantity_tonnes_gross` are tonnes of goods; a net weight of 0 is a missing one
    (`quantity_status`), and `is_quantity_estimated` is the publisher's own flag, null where the file
    has none. `quantity_source` says whether net weight was taken or, where it is missing, a quantity
    whose unit is the kilogram. `file_rows` counts the rows that stood behind the key; `source_row_id`
    names the one taken, their largest.
    """

    published_reporter = dy.String()
    published_partner = dy.String()
    published_classification = dy.String(nullable=True)
    published_value = dy.String()
    published_unit = dy.String(check=lambda c: c == "USD")
    reporter_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    partner_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    hs6 = dy.String(primary_key=True, regex=r"^\d{6}$")
    flow = dy.String(primary_key=True, check=lambda c: c.is_in(FLOWS))
    reference_year = dy.Int32(primary_key=True, min=1988, max=2100)
    value_usd = dy.Float64(min_exclusive=0, allow_nan=False, allow_inf=False)
    value_basis = dy.String(nullable=True, check=lambda c: c.is_in(VALUE_BASES))
    value_status = dy.String(check=lambda c: c == "numeric")
    quantity_tonnes_gross = dy.Float64(
        nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False
    )
    quantity_status = dy.String(check=lambda c: c.is_in(QUANTITY_STATUSES))
    quantity_source = dy.String(nullable=True, check=lambda c: c.is_in(["net_weight", "quantity"]))
    is_quantity_estimated = dy.Bool(nullable=True)
    derivation = dy.String(check=lambda c: c == "as_published")
    file_rows = dy.UInt32(min=1)
    # A tonnage and its source exist exactly where the status says numeric.
    quantity_only_where_declared = figure_where_published(
        "quantity_tonnes_gross", "quantity_source", status="quantity_status"
    )

    @dy.rule()
    def nobody_trades_with_itself(cls) -> pl.Expr:  # noqa: N805
        """Reporter and partner are two countries: goods that come back are counted as not used."""
        return cls.reporter_iso3.col != cls.partner_iso3.col
