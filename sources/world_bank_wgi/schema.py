"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import figure_where_published
from sources.reading.vocabulary import DERIVATIONS

INDICATORS = ["political_stability"]
STATUSES = ["numeric", "not_available"]
# The publisher says "about -2.5 to 2.5"; real estimates go further (Somalia 2009: -3.31).
LOWEST, HIGHEST = -4.0, 4.0
# First and last year of an estimation that the file holds.
SERIES_PART = r"^[0-9]{4}-[0-9]{4}$"


class PublishedGovernance(dy.Schema):
    """Cells as published, every row and year. Grain: one cell of the file.

    `file_row` counts records, header = 1; `file_column` counts columns, first = 1.
    """

    edition = dy.String(primary_key=True)
    file_row = dy.UInt32(primary_key=True, min=2)
    file_column = dy.UInt16(primary_key=True, min=3)
    published_country = dy.String()
    published_code = dy.String()
    reference_year = dy.Int32(min=1996, max=2100)
    published_value = dy.String()


class Governance(LakeRow):
    """Governance by country and year, as the publisher estimates it.

    Grain: edition, country, year, indicator. `estimate` is a standard score, about -2.5 (weak) to 2.5
    (strong), null where there is none: an estimate of 0 is the world's mean and no missing value.
    `series_part`: the file of 2025 joins two vintages, so a change from 2022 to 2023 is none of the country's.
    """

    file_column = dy.UInt16()
    published_country = dy.String()
    published_code = dy.String()
    published_value = dy.String()
    published_unit = dy.String(check=lambda c: c == "standard score")
    country_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    reference_year = dy.Int32(primary_key=True, min=1996, max=2100)
    indicator = dy.String(primary_key=True, check=lambda c: c.is_in(INDICATORS))
    estimate = dy.Float64(nullable=True, min=LOWEST, max=HIGHEST, allow_nan=False, allow_inf=False)
    value_status = dy.String(check=lambda c: c.is_in(STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    series_part = dy.String(regex=SERIES_PART)
    estimate_only_where_published = figure_where_published("estimate")
