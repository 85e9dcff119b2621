"""Frame schemas of the source: what its snapshot holds, and what it hands to the lake."""

import dataframely as dy

from sources.reading.lake_schemas import LakeRow
from sources.reading.rules import (
    country_where_kind_says_so,
    figure_where_published,
    zero_where_printed,
)
from sources.reading.vocabulary import DERIVATIONS, GEOGRAPHY_KINDS, SUPPLY_STAGES, VALUE_STATUSES

# world: shares of what all countries produce. eu_sourcing: shares of what the EU uses, its own
# production and its imports together.
SCOPES = ["world", "eu_sourcing"]
# whole: the study's word for the mineral at this stage. part: an element or a subgroup of it, or a
# material that is assessed beside the whole; parts are never added up, and never ranked with a whole.
MATERIAL_SCOPES = ["whole", "part"]
SECTOR_NOT_STATED = "not stated"
PERCENT = 100.0


class _PublishedRow(dy.Schema):
    """What every published row says of itself; text keeps the publisher's words, white space folded.

    `file_row` counts records, header = 1; a record with a line break inside takes one number.
    """

    source_row_id = dy.String(primary_key=True)
    edition = dy.String()
    source_file = dy.String()
    file_row = dy.UInt32(min=2)
    published_material = dy.String()


class _PublishedPercent(_PublishedRow):
    """A share as printed; `value_*` are in percent. `published_unit` is "%", or null where none stands."""

    published_value = dy.String()
    published_unit = dy.String(nullable=True)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    value_number = dy.Float64(nullable=True, min=0, max=PERCENT)
    value_lower = dy.Float64(nullable=True, min=0, max=PERCENT)
    value_upper = dy.Float64(nullable=True, min=0, max=PERCENT)
    number_only_where_published = figure_where_published("value_number")
    zero_is_published_zero = zero_where_printed("value_number")


class PublishedSupplyShare(_PublishedPercent):
    """Shares of countries as published, every material. Grain: one record of a file.

    `trade_restriction_factor` is the study's parameter t: 0.8 for EU members, 1 elsewhere, above 1
    under export restrictions.
    """

    scope = dy.String(check=lambda c: c.is_in(SCOPES))
    published_stage = dy.String()
    published_country = dy.String()
    published_trade_factor = dy.String()
    trade_restriction_factor = dy.Float64(min=0.5, max=2.0)


class PublishedCriticality(_PublishedRow):
    """Supply risk and economic importance as published, every material. Grain: one record.

    Both are dimensionless scores of the assessment, null together where the material was not assessed.
    """

    assessment_year = dy.Int32(min=2000, max=2100)
    published_supply_risk = dy.String()
    published_economic_importance = dy.String()
    value_status = dy.String(check=lambda c: c.is_in(["numeric", "not_available"]))
    supply_risk = dy.Float64(nullable=True, min_exclusive=0, max=10)
    economic_importance = dy.Float64(nullable=True, min_exclusive=0, max=10)
    assessed_in_both_or_in_neither = figure_where_published("supply_risk", "economic_importance")


class PublishedUseShare(_PublishedPercent):
    """End uses in the EU as published, every material. Grain: one record of the file.

    `value_added_million_eur` is that of the whole sector, not of the use; million euro.
    """

    published_application = dy.String()
    published_sector = dy.String(nullable=True)
    published_value_added = dy.String(nullable=True)
    value_added_million_eur = dy.Float64(nullable=True, min_exclusive=0)


class SupplyShare(LakeRow):
    """Shares of countries in the supply of a material, means over `period_from_year` to `_to_year`.

    Grain: edition, scope, material, stage, country. Shares are 0-1, null where the publisher gives a
    bound only (then `_lower` and `_upper`). `material_id` is the study's material, `mineral_id` ours:
    the elements of the rare earths are materials (`material_scope` = part) of one mineral. Shares of
    one scope, material and stage need not add up to 1 (README.md has the sums), and are no shares of
    any one year's production. `trade_restriction_factor` is dimensionless.
    """

    published_material = dy.String()
    published_stage = dy.String()
    published_country = dy.String()
    published_value = dy.String()
    published_unit = dy.String(nullable=True)
    published_trade_factor = dy.String()
    scope = dy.String(primary_key=True, check=lambda c: c.is_in(SCOPES))
    mineral_id = dy.String()
    material_id = dy.String(primary_key=True, regex=r"^[a-z][a-z_]*$")
    material_scope = dy.String(check=lambda c: c.is_in(MATERIAL_SCOPES))
    stage = dy.String(primary_key=True, check=lambda c: c.is_in(SUPPLY_STAGES))
    geography_kind = dy.String(check=lambda c: c.is_in(GEOGRAPHY_KINDS))
    geography_id = dy.String(primary_key=True)
    country_iso3 = dy.String(nullable=True, regex=r"^[A-Z]{3}$")
    period_from_year = dy.Int32(min=1900, max=2100)
    period_to_year = dy.Int32(min=1900, max=2100)
    supply_share = dy.Float64(nullable=True, min=0, max=1)
    supply_share_lower = dy.Float64(nullable=True, min=0, max=1)
    supply_share_upper = dy.Float64(nullable=True, min=0, max=1)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    trade_restriction_factor = dy.Float64(min=0.5, max=2.0)
    country_exactly_for_countries = country_where_kind_says_so()
    share_only_where_published = figure_where_published("supply_share")


class Criticality(LakeRow):
    """Supply risk and economic importance as reported by the EU, not recomputable from open inputs.

    Grain: edition, material, year of the assessment (2011 ... 2023). Dimensionless scores. The file
    does not say which materials are on the list, and neither does this table. Scores of 2011 and 2014
    follow an older method than those from 2017 on.
    """

    published_material = dy.String()
    published_supply_risk = dy.String()
    published_economic_importance = dy.String()
    mineral_id = dy.String()
    material_id = dy.String(primary_key=True, regex=r"^[a-z][a-z_]*$")
    material_scope = dy.String(check=lambda c: c.is_in(MATERIAL_SCOPES))
    assessment_year = dy.Int32(primary_key=True, min=2000, max=2100)
    supply_risk = dy.Float64(nullable=True, min_exclusive=0, max=10)
    economic_importance = dy.Float64(nullable=True, min_exclusive=0, max=10)
    value_status = dy.String(check=lambda c: c.is_in(["numeric", "not_available"]))
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    assessed_in_both_or_in_neither = figure_where_published("supply_risk", "economic_importance")


class UseShare(LakeRow):
    """End uses of a material in the EU, by application and NACE sector.

    Grain: edition, material, application, sector. `use_share` is 0-1 of the material's use;
    `value_added_million_eur` is that of the whole sector. Application and sector are in the
    publisher's words; `nace_sector` is "not stated" (and `nace_code` null) where the file names none.
    `has_value_added_conflict`: the row prints another value added than most rows of its sector, so
    either its sector or its value is in doubt.
    """

    published_material = dy.String()
    published_value = dy.String()
    published_unit = dy.String(nullable=True)
    published_value_added = dy.String(nullable=True)
    mineral_id = dy.String()
    material_id = dy.String(primary_key=True, regex=r"^[a-z][a-z_]*$")
    material_scope = dy.String(check=lambda c: c.is_in(MATERIAL_SCOPES))
    application = dy.String(primary_key=True)
    nace_sector = dy.String(primary_key=True, regex=r"^(?:[A-U]\d{2} - .+|not stated)$")
    nace_code = dy.String(nullable=True, regex=r"^[A-U]\d{2}$")
    use_share = dy.Float64(nullable=True, min=0, max=1)
    use_share_lower = dy.Float64(nullable=True, min=0, max=1)
    use_share_upper = dy.Float64(nullable=True, min=0, max=1)
    value_status = dy.String(check=lambda c: c.is_in(VALUE_STATUSES))
    derivation = dy.String(check=lambda c: c.is_in(DERIVATIONS))
    value_added_million_eur = dy.Float64(nullable=True, min_exclusive=0)
    has_value_added_conflict = dy.Bool()
    share_only_where_published = figure_where_published("use_share")
