"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake.

`Production` is the shape that several publishers share; the outlook and the demand are the IEA's own.
"""

import dataframely as dy
import polars as pl

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import (
    country_where_kind_says_so,
    exactly_where,
    figure_where_published,
    zero_where_printed,
)
from sources.reading.vocabulary import DERIVATIONS, GEOGRAPHY_KINDS, SUPPLY_STAGES, VALUE_STATUSES

USE_KINDS = ["technology", "subtotal", "other", "total"]
DEMAND_SCENARIOS = ["base_year", "STEPS", "APS", "NZE"]


class _PublishedFigure(dy.Schema):
    """What both published tables hold. `value_number` is in `published_unit`."""

    source_row_id = dy.String(primary_key=True)
    edition = dy.String()
    source_file = dy.String()
    file_row = dy.UInt32()
    published_commodity = dy.String()
    published_scenario = dy.String(nullable=True)
    reference_year = dy.Int32(min=1900, max=2100)
    published_unit = dy.String(check=lambda c: c.is_in(["kt", "fraction"]))
    published_value = dy.String()
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    value_number = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    value_lower = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    value_upper = dy.Float64(nullable=True, allow_nan=False, allow_inf=False)
    number_only_where_published = figure_where_published("value_number")
    zero_is_published_zero = zero_where_printed("value_number")


class PublishedSupply(_PublishedFigure):
    """Mining and refining by country as published, base year and outlook.

    Grain: one figure (edition, row of a block, year), the publisher's `Top 3 share` rows included
    (unit "fraction"). `file_row` numbers the records of the file; the cell is in `source_row_id`.
    """

    published_stage = dy.String()
    published_country = dy.String()


class PublishedDemand(_PublishedFigure):
    """World demand by use as published, base year and scenarios.

    Grain: one figure (edition, row of a block, scenario, year), the publisher's share rows included
    (unit "fraction"). `published_scenario` is null for the base year, which stands outside them.
    """

    published_use = dy.String()


class _Quantity(LakeRow):
    """A quantity of a mineral in a year and how it was made, as in `Production`."""

    published_commodity = dy.String()
    published_value = dy.String(nullable=True)
    published_unit = dy.String(nullable=True)
    mineral_id = dy.String(primary_key=True)
    reference_year = dy.Int32(primary_key=True, min=1900, max=2100)
    quantity_tonnes = dy.Float64(nullable=True, min=0, allow_nan=False, allow_inf=False)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    is_estimated = dy.Bool()
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    quantity_only_where_published = figure_where_published("quantity_tonnes")


class SupplyOutlook(_Quantity):
    """What the IEA expects to be mined and refined, by country, after the edition's base year.

    Grain: one row per edition, scenario, mineral, stage, form, basis, geography, year. Metric tonnes on
    `basis`. Every row is a projection, so `is_estimated` is true; no row is an observation.
    """

    scenario = dy.String(primary_key=True, check=lambda c: c == "base_case")
    published_scenario = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    stage = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    form = dy.String(primary_key=True)
    basis = dy.String(primary_key=True)
    geography_kind = dy.String(primary_key=True, check=lambda c: c.is_in(GEOGRAPHY_KINDS))
    geography_id = dy.String(primary_key=True)
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    country_exactly_for_countries = country_where_kind_says_so()


class Demand(_Quantity):
    """World demand by mineral and use, in the base year and in three scenarios.

    Grain: one row per edition, scenario, mineral, use, year. Metric tonnes on `basis`. Uses overlap:
    the subtotal holds the technologies, the total holds subtotal and other; never sum over kinds. (In
    GCMO2025 copper's and graphite's technologies do not add up to their subtotal, see README.) `is_estimated` is true for every year after the base year.
    """

    scenario = dy.String(primary_key=True, check=lambda c: c.is_in(DEMAND_SCENARIOS))
    published_scenario = dy.String(nullable=True)
    published_use = dy.String()
    form = dy.String()
    basis = dy.String()
    use = dy.String(primary_key=True)
    use_kind = dy.String(check=lambda c: c.is_in(USE_KINDS))
    base_year_stands_outside_the_scenarios = exactly_where(
        pl.col("scenario") != "base_year", "published_scenario"
    )
