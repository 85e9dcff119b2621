"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy
import polars as pl

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import figure_where_published
from sources.reading.vocabulary import DERIVATIONS, SUPPLY_STAGES

STATUSES = ["numeric", "not_available"]
LINE_COVERAGES = ["whole", "part"]
TRUST = ["verified", "reported", "from memory, unverified"]


class PublishedFlow(dy.Schema):
    """Flows as published, every code. Grain: one record. Values in euro; codes are Eurostat's.

    `file_row` counts records, header = 1.
    """

    edition = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    published_reporter = dy.String(regex=r"^[A-Z]{2}$")
    published_partner = dy.String(regex=r"^[A-Z]{2}$")
    published_code = dy.String(regex=r"^\d{8}$")
    reference_year = dy.Int32(min=1988, max=2100)
    published_value = dy.String()


class ExchangeRate(dy.Schema):
    """US dollars per euro, yearly averages of the ECB's reference rates, cited. Grain: year.

    `verified` says how far the rate was checked.
    """

    reference_year = dy.Int32(primary_key=True, min=1999, max=2100)
    currency = dy.String(primary_key=True, check=lambda c: c == "EUR")
    usd_per_eur = dy.Float64(min=0.5, max=2.0)
    source = dy.String()
    url = dy.String()
    verified = dy.String(check=lambda c: c.is_in(TRUST))
    note = dy.String(nullable=True)


class Cn8Import(LakeRow):
    """Imports of EU members by partner and eight-digit code, normal procedure, yearly.

    Grain: edition, reporter, partner (the publisher's code), CN8, year. Values are statistical values
    at the border of the reporter (CIF) in euro; `value_usd` is at the year's average rate
    (`usd_per_eur`). The file has no quantities. `is_intra_eu`: the partner is one of the EU's 27, so
    leave it out of what the EU depends on. `line_coverage` is `part` where the extract lacks codes of
    the same six-digit line in that year (rare earths 2022): such a year's sum is too small. Partner is
    the country of origin for trade from outside the EU, of consignment inside.
    """

    published_reporter = dy.String()
    published_partner = dy.String(primary_key=True)
    published_value = dy.String()
    published_unit = dy.String(check=lambda c: c == "EUR")
    reporter_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    partner_iso3 = dy.String(regex=r"^[A-Z]{3}$")
    cn8 = dy.String(primary_key=True, regex=r"^\d{8}$")
    hs6 = dy.String(regex=r"^\d{6}$")
    mineral_id = dy.String()
    stage = dy.String(check=lambda c: c.is_in(SUPPLY_STAGES))
    form = dy.String()
    line_coverage = dy.String(check=lambda c: c.is_in(LINE_COVERAGES))
    reference_year = dy.Int32(primary_key=True, min=1988, max=2100)
    is_intra_eu = dy.Bool()
    value_eur = dy.Float64(nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False)
    usd_per_eur = dy.Float64(min=0.5, max=2.0)
    value_usd = dy.Float64(nullable=True, min_exclusive=0, allow_nan=False, allow_inf=False)
    value_status = dy.String(check=lambda c: c.is_in(STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    values_only_where_published = figure_where_published("value_eur", "value_usd")

    @dy.rule()
    def nobody_imports_from_itself(cls) -> pl.Expr:  # noqa: N805
        """Reporter and partner are two countries, places outside the customs territory aside."""
        return (cls.reporter_iso3.col != cls.partner_iso3.col) | (
            cls.published_partner.col.is_in(["XC", "XL"])
        )
