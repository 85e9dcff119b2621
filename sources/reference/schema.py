"""Frame schemas of our own lists, and of the catalogue of sources and editions."""

import dataframely as dy

from sources.vocabulary import SUPPLY_STAGES


class Mineral(dy.Schema):
    """Minerals the warehouse knows. Grain: `mineral_id`. A parent is a group that contains it."""

    mineral_id = dy.String(primary_key=True, regex=r"^[a-z][a-z_]*$")
    mineral_name = dy.String()
    parent_mineral_id = dy.String(nullable=True)
    chemical_symbol = dy.String(nullable=True)
    mineral_kind = dy.String(
        check=lambda c: c.is_in(["element", "group", "industrial_mineral", "product"])
    )


class Stage(dy.Schema):
    """The one stage vocabulary of production and trade. Grain: `stage`."""

    stage = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    stage_order = dy.Int32(min=1)
    stage_name = dy.String()
    stage_description = dy.String()


class Country(dy.Schema):
    """Countries and areas by ISO 3166 alpha-3, with years of validity (null = open). Grain: code."""

    country_iso3 = dy.String(primary_key=True, regex=r"^[A-Z]{3}$")
    country_name = dy.String()
    valid_from_year = dy.Int32(nullable=True)
    valid_to_year = dy.Int32(nullable=True)
    note = dy.String(nullable=True)
    source = dy.String()
    verified = dy.String()


class SourceRow(dy.Schema):
    """Publications we read, with licence and credit line. Grain: `source_id`."""

    source_id = dy.String(primary_key=True)
    publisher = dy.String()
    title = dy.String()
    source_description = dy.String()
    landing_page = dy.String()
    licence_id = dy.String()
    licence_title = dy.String()
    licence_url = dy.String()
    credit_line = dy.String()
    is_redistributable = dy.Bool()


class EditionRow(dy.Schema):
    """Releases of each publication. Grain: source and edition."""

    source_id = dy.String(primary_key=True)
    edition = dy.String(primary_key=True)
    edition_title = dy.String()
    released_on = dy.Date()
    released_on_verified = dy.String()
    citation = dy.String()
    url = dy.String()
