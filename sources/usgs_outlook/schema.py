"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake.

What is a mass takes the shape `Production` that several publishers share; helium is a volume.
"""

import dataframely as dy

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import country_where_kind_says_so, figure_where_published
from sources.reading.vocabulary import DERIVATIONS, GEOGRAPHY_KINDS, VALUE_STATUSES

STATISTICS = ["production", "capacity", "capacity_outlook"]


class PublishedFigure(dy.Schema):
    """Rows as published, words and numbers untouched. Grain: one row of the file (header = row 1)."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    published_statistic = dy.String()
    published_commodity = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    reference_year = dy.Int32(min=1900, max=2100)
    published_value = dy.String(nullable=True)
    published_unit = dy.String()
    published_note = dy.String()


class GasVolume(LakeRow):
    """Production, capacity and capacity outlook of a gas, in the unit of its publisher: no mass.

    Grain: edition, statistic, commodity, published country, year. A country may have several rows a year
    (the United States: from natural gas, from storage): they add up. The commodity is the publisher's word:
    `reference/minerals.csv` lists what is weighed.
    """

    statistic = dy.String(primary_key=True, check=lambda c: c.is_in(STATISTICS))
    published_commodity = dy.String(primary_key=True)
    published_stage = dy.String()
    published_country = dy.String(primary_key=True)
    published_value = dy.String(nullable=True)
    published_unit = dy.String()
    geography_kind = dy.String(check=lambda c: c.is_in(GEOGRAPHY_KINDS))
    geography_id = dy.String()
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    volume_million_m3 = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    volume_million_m3_lower = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    volume_million_m3_upper = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    country_exactly_for_countries = country_where_kind_says_so()
    volume_only_where_published = figure_where_published("volume_million_m3")
