{#-
    How far each party of the ministerial, and all of them as one, depend on one supplier for each mineral and
    stage, by declared partner, by who made it, by who mined it, of imports in the latest year of trade; and how
    far they cover what they use.
-#}
with

members as (

    select * from {{ ref('bridge_bloc_member') }}
    where bloc_id = 'MEETING_2026_01_12'

),

numbered as (select * from {{ ref('int_trade__parties') }}),

{{ look_through_cells() }},

-- The latest year of each stage, none after trade's; where nobody's imports are known, that of
-- trade.
answering_stages as (

    select
        case when series_level = 'mineral_stage' then mineral_id end as mineral_id,
        case when series_level = 'mineral_stage' then stage end as stage,
        importer_bloc_id,
        reference_year
    from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

newest_trade_year as (

    select {{ newest_trade_year() }} as reference_year
    from answering_stages

),

latest as (

    select
        answering_stages.mineral_id,
        answering_stages.stage,
        max(answering_stages.reference_year) as reference_year
    from answering_stages
    inner join newest_trade_year
        on answering_stages.reference_year <= newest_trade_year.reference_year
    where answering_stages.mineral_id is not null
    group by answering_stages.mineral_id, answering_stages.stage

),

parties as (

    select
        party_id,
        case when max(country_iso3) = party_id then 'country' else 'bloc' end as party_kind
    from members
    group by party_id
    union all
    select distinct
        bloc_id as party_id,
        'coalition' as party_kind
    from members

),

-- Of the parties' latest years alone: of all years origins are too many.
importer_years as (

    select importer_years.*
    from {{ ref('int_trade__importer_years') }} as importer_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on importer_years.series_year_number = series_years.series_year_number
    inner join latest
        on {{ same_key('series_years', 'latest', ['mineral_id', 'stage', 'reference_year']) }}
    inner join numbered on importer_years.importer_number = numbered.party_number
    inner join parties on numbered.party_id = parties.party_id
    where series_years.series_level = 'mineral_stage' and series_years.is_current_series

),

{{ answered_imports() }},

imports as (

    select
        *,
        origin_id = '{{ threshold('coalition_supplier') }}' as is_supplier
    from answered_rows
    union all by name
    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        series_id,
        null_reason,
        null_reason as quantity_null_reason
    from {{ ref('int_trade__missing_imports') }}

),

-- Countries only: China with Hong Kong stands beside them.
declared_exposures as (

    select
        parties.party_id,
        parties.party_kind,
        imports.mineral_id,
        imports.stage,
        imports.reference_year,
        max(imports.source_id) as source_id,
        max(imports.edition) as edition,
        max(imports.series_id) as series_id,
        max(imports.quantity_basis) as quantity_basis,
        case
            when max(imports.value_share) is not null
                then coalesce(max(case when imports.is_supplier then imports.value_share end), 0)
        end as declared_origin_value_share,
        -- A supplier with dollars and no tonnes has no share by tonnes, and not 0.
        case
            when max(imports.quantity_share) is null then null
            when count(case when imports.is_supplier then 1 end) = 0 then 0
            else max(case when imports.is_supplier then imports.quantity_share end)
        end as declared_origin_quantity_share,
        max(imports.supplier_hhi) as supplier_hhi,
        coalesce(bool_or(imports.quality_flags like '%lines_missing%'), false)
            as has_missing_lines,
        -- Flags of the supplier's flow; where it sells nothing, those of the whole stage.
        coalesce(
            max(case when imports.is_supplier then imports.quality_flags end),
            {{ quality_flags({
                'de_minimis': "bool_or(imports.quality_flags like '%de_minimis%')",
                'grade_heterogeneous':
                    "bool_or(imports.quality_flags like '%grade_heterogeneous%')",
                'lines_missing': "bool_or(imports.quality_flags like '%lines_missing%')",
                'mixed_line': "bool_or(imports.quality_flags like '%mixed_line%')",
                'none_recorded':
                    "max(imports.value_share) is not null"
                    ~ " and not bool_or(coalesce(imports.is_supplier, false))",
                'series_break': "bool_or(imports.quality_flags like '%series_break%')",
                'truncated_release': "bool_or(imports.quality_flags like '%truncated_release%')",
            }) }}
        ) as quality_flags,
        case when max(imports.value_share) is null then max(imports.null_reason) end as null_reason,
        case
            when max(imports.quantity_share) is null
                then max(coalesce(imports.null_reason, imports.quantity_null_reason))
            else
                max(
                    case
                        when imports.is_supplier and imports.quantity_share is null
                            then coalesce(imports.quantity_null_reason, 'tonnage_not_published')
                    end
                )
        end as quantity_null_reason
    from imports
    inner join parties on imports.importer_id = parties.party_id
    cross join newest_trade_year
    left join latest
        on imports.mineral_id = latest.mineral_id and imports.stage = latest.stage
    where
        imports.reference_year = coalesce(latest.reference_year, newest_trade_year.reference_year)
        and (imports.origin_kind is null or imports.origin_kind = 'country')
    group by
        parties.party_id, parties.party_kind, imports.mineral_id, imports.stage,
        imports.reference_year

),

{{ supplier_views() }},

party_views as (

    select
        {%- for view in ['refiner', 'mine'] %}
        case
            when looked_through.party_number is null
                then coalesce(declared_exposures.null_reason, 'not_looked_through')
            else looked_through.{{ view }}_null_reason
        end as {{ view }}_null_reason,
        {%- endfor %}
        looked_through.refiner_origin_share,
        looked_through.mine_origin_share,
        declared_exposures.*
    from declared_exposures
    inner join numbered on declared_exposures.party_id = numbered.party_id
    left join looked_through
        on
            numbered.party_number = looked_through.party_number
            and declared_exposures.mineral_id = looked_through.mineral_id
            and declared_exposures.stage = looked_through.stage
            and declared_exposures.reference_year = looked_through.reference_year

),

exposures as (

    select
        *,
        {%- for bound, function in {'low': 'least', 'high': 'greatest'}.items() %}
        {{ function }}(
            declared_origin_value_share, declared_origin_quantity_share,
            refiner_origin_share, mine_origin_share
        ) as exposure_{{ bound }}_share,
        {%- endfor %}
        -- Without a look-through nobody's use is counted: for the reason of no refiner's view.
        coalesce(refiner_null_reason, 'not_looked_through') as cell_null_reason
    from party_views

),

covers as (select * from {{ ref('int_coalition__covers') }}),
world as (select * from {{ ref('int_coalition__world_shares') }}),
bands as (select * from {{ ref('exposure_band') }}),

-- The first band that holds; by the lowest view the concentration does not count. Of a pool that
-- lacks lines of its stage no band is said: the others may come from elsewhere.
party_bands as (

    select
        exposures.party_id,
        exposures.mineral_id,
        exposures.stage,
        min(
            case
                when
                    bands.share_above is null
                    or exposures.exposure_high_share > bands.share_above
                    or exposures.supplier_hhi > bands.hhi_above
                    then bands.band_order
            end
        ) as band_order_high,
        min(
            case
                when
                    bands.share_above is null
                    or exposures.exposure_low_share > bands.share_above
                    then bands.band_order
            end
        ) as band_order_low
    from exposures
    cross join bands
    where exposures.exposure_high_share is not null and not exposures.has_missing_lines
    group by exposures.party_id, exposures.mineral_id, exposures.stage

),

final as (

    select
        exposures.mineral_id,
        exposures.stage,
        exposures.reference_year,
        exposures.party_id,
        exposures.party_kind,
        '{{ threshold('coalition_supplier') }}' as supplier_id,
        exposures.declared_origin_value_share,
        exposures.declared_origin_quantity_share,
        exposures.quantity_basis,
        exposures.refiner_origin_share,
        exposures.mine_origin_share,
        exposures.exposure_low_share,
        exposures.exposure_high_share,
        exposures.supplier_hhi,
        highest.band_id,
        lowest.band_id as band_id_low,
        world.world_production_share,
        world.source_id as world_source_id,
        world.edition as world_edition,
        world.reference_year as world_year,
        covers.production_status,
        covers.mined_status,
        {%- for measure in [
            'production_tonnes', 'production_tonnes_low', 'production_tonnes_high',
            'consumption_tonnes', 'consumption_tonnes_low', 'consumption_tonnes_high',
            'mined_tonnes', 'mined_tonnes_low', 'mined_tonnes_high', 'own_cover',
            'own_cover_low', 'own_cover_high', 'spare_tonnes_low', 'spare_tonnes_high',
            'spare_basis', 'spare_estimated_share', 'spare_source_id', 'spare_edition',
            'spare_excluded_producers',
            'own_cover_with_spare', 'coalition_cover',
            'coalition_cover_low', 'coalition_cover_high', 'coalition_cover_without',
            'marginal_cover',
            'marginal_cover_low', 'marginal_cover_high', 'coalition_mined_cover',
            'marginal_mined_cover', 'marginal_mined_cover_low', 'marginal_mined_cover_high'
        ] %}
        covers.{{ measure }},
        {%- endfor %}
        covers.production_source_id,
        exposures.source_id,
        exposures.edition,
        exposures.series_id,
        {{ quality_flags({
            'basis_converted':
                "cells.total_source_id is not null and coalesce("
                ~ "exposures.refiner_origin_share, exposures.mine_origin_share,"
                ~ " covers.production_tonnes_low, covers.coalition_cover_low) is not null",
            'exports_exceed_supply': "covers.has_unexplained_exports",
            'own_production_named_in_part': "covers.production_status = 'named_in_part'",
            'own_production_not_named': "covers.production_status = 'not_named'",
            'producer_withheld': "world.has_withheld_producer",
            'unit_value_outlier': "covers.has_exported_outliers",
        }, beside='exposures.quality_flags') }} as quality_flags,
        exposures.null_reason,
        case
            when exposures.exposure_high_share is null then exposures.null_reason
            when exposures.has_missing_lines then 'lines_missing'
        end as band_null_reason,
        case
            when world.party_id is null then 'no_production_published'
            else world.null_reason
        end as world_null_reason,
        exposures.quantity_null_reason,
        exposures.refiner_null_reason,
        {%- for column, said in [
            ('own', 'cover'), ('own_cover', 'own_cover'), ('own_mined', 'mined'),
            ('coalition', 'coalition'), ('coalition_mined', 'coalition_mined'),
            ('marginal', 'marginal')
        ] %}
        case
            when covers.has_cover then covers.{{ column }}_null_reason
            else exposures.cell_null_reason
        end as {{ said }}_null_reason,
        {%- endfor %}
        case
            when covers.party_id is null then exposures.cell_null_reason
            else covers.spare_null_reason
        end as spare_null_reason,
        exposures.mine_null_reason
    from exposures
    left join party_bands
        on {{ same_key('exposures', 'party_bands', ['party_id', 'mineral_id', 'stage']) }}
    left join bands as highest on party_bands.band_order_high = highest.band_order
    left join bands as lowest on party_bands.band_order_low = lowest.band_order
    left join covers
        on
            {{ same_key('exposures', 'covers', [
                'party_id', 'mineral_id', 'stage', 'reference_year',
            ]) }}
    left join cells
        on {{ same_key('exposures', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    left join world
        on {{ same_key('exposures', 'world', ['party_id', 'mineral_id', 'stage']) }}

)

{{ contract_columns() }}
order by
    mineral_id, stage, party_id
