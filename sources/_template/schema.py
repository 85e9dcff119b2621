"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import figure_where_published
from sources.reading.vocabulary import DERIVATIONS, VALUE_STATUSES


class PublishedOutput(dy.Schema):
    """Rows as published, words and numbers untouched. Grain: one row of the file (header = row 1)."""

    edition = dy.String(primary_key=True)
    source_file = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    published_country = dy.String()
    published_mineral = dy.String()
    reference_year = dy.Int32(min=1900, max=2100)
    published_value = dy.String(nullable=True)


class Output(LakeRow):
    """Output by country, mineral and year, in tonnes of the metal contained.

    Grain: edition, mineral, country, year. World tables of output take the shape
    `sources.reading.lake_schemas.Production` instead: its checks then come by themselves.
    """

    published_country = dy.String()
    published_mineral = dy.String()
    published_value = dy.String(nullable=True)
    published_unit = dy.String()
    # The figure in the warehouse's terms.
    mineral_id = dy.String(primary_key=True)
    country_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    output_tonnes = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    output_only_where_published = figure_where_published("output_tonnes")
