{#-
    GeoPolRisk of every importer, mineral, stage and year of which it is asked: concentration of world
    production times imports weighed by the instability of their origins, over imports and own production
    (docs/methods/supply_risk.md). One unit for both, one stage for all three; what is missing has a reason.
-#}
with

concentrations as (

    select * from {{ ref('int_concentration__producer_hhi') }}
    where is_headline and is_current_edition

),

parties as (select * from {{ ref('int_trade__parties') }}),

pools as (

    select * from {{ ref('int_trade__series_by_year') }}
    where series_level = 'mineral_stage' and is_current_series

),

{{ weighted_imports() }},

years as (

    select distinct reference_year from imports

),

gaps as (

    select gaps.*
    from {{ ref('int_trade__missing_imports') }} as gaps
    inner join years on gaps.reference_year = years.reference_year

),

members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),

producers as (

    select * from {{ ref('int_production__shares') }}
    where is_headline and is_current_edition and country_iso3 is not null

),

owners as (

    select
        producers.*,
        parties.party_number as importer_number
    from producers
    inner join parties on producers.country_iso3 = parties.party_id
    union all
    select
        producers.*,
        members.bloc_number as importer_number
    from producers
    inner join members
        on
            producers.country_iso3 = members.member_id
            and producers.reference_year = members.reference_year

),

-- What an importer produces itself, of whom the source lists at least one member. `unknown_status`:
-- a member is listed without a figure; `is_outside_total`: it is left out of the world total too,
-- so that nothing bounds it.
domestic as (

    select
        source_id,
        mineral_id,
        stage,
        reference_year,
        importer_number,
        {{ exact_sum('quantity_tonnes') }} as quantity_tonnes,
        max(case when quantity_tonnes is null then value_status end) as unknown_status,
        bool_or(
            quantity_tonnes is null
            and coalesce(excluded_producers like '%' || country_iso3 || '%', false)
        ) as is_outside_total
    from owners
    group by source_id, mineral_id, stage, reference_year, importer_number

),

ministerial_parties as (

    select distinct party_id
    from {{ ref('stg_reference__country_group_members') }}
    where group_id = 'MEETING_2026_01_12'

),

priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production' and has_tonnes

),

-- The world production that a mineral's stage is judged by: USGS, and IEA where USGS has none. The
-- tonnes of trade that can stand beside it: as shipped beside gross weight, metal beside content.
production as (

    select
        concentrations.*,
        case
            when concentrations.basis = 'gross' then 'gross'
            when concentrations.basis = 'contained' then 'contained'
            when
                concentrations.mineral_id = 'rare_earths'
                and concentrations.basis = 'oxide_equivalent'
                then 'contained'
        end as quantity_basis,
        case
            when concentrations.coverage_share > 1 then 0
            else concentrations.world_total_tonnes * (1 - concentrations.coverage_share)
        end as rest_tonnes,
        row_number() over (
            partition by
                concentrations.mineral_id, concentrations.stage, concentrations.reference_year
            order by priorities.priority
        ) as source_order
    from concentrations
    inner join priorities on concentrations.source_id = priorities.source_id

),

world as (

    select * from production
    where source_order = 1

),

-- Importers of whom another series of the publisher tells that they buy from others.
contradicted_imports as (

    select distinct
        series_number,
        reference_year,
        importer_number
    from {{ ref('int_trade__series_conflicts') }}

),

pooled_imports as (

    select
        imports.*,
        pools.mineral_id,
        pools.stage,
        contradicted_imports.importer_number is not null as is_contradicted
    from imports
    inner join pools
        on {{ same_key('imports', 'pools', ['series_number', 'reference_year']) }}
    left join contradicted_imports
        on
            {{ same_key('imports', 'contradicted_imports', [
                'series_number', 'reference_year', 'importer_number',
            ]) }}

),

-- Of every area that imports or produces it; of blocs and the ministerial's parties, all that is
-- produced or traded.
stages as (

    select
        mineral_id,
        stage
    from world
    union
    select
        mineral_id,
        stage
    from gaps
    union
    select
        mineral_id,
        stage
    from pools

),

cells as (

    select
        importer_number,
        mineral_id,
        stage,
        reference_year
    from pooled_imports
    union
    select
        domestic.importer_number,
        domestic.mineral_id,
        domestic.stage,
        domestic.reference_year
    from domestic
    inner join years on domestic.reference_year = years.reference_year
    inner join world
        on
            {{ same_key('domestic', 'world', [
                'source_id', 'mineral_id', 'stage', 'reference_year',
            ]) }}
    where domestic.quantity_tonnes > 0 or domestic.unknown_status is not null
    union
    select
        parties.party_number as importer_number,
        stages.mineral_id,
        stages.stage,
        years.reference_year
    from parties
    left join ministerial_parties on parties.party_id = ministerial_parties.party_id
    cross join stages
    cross join years
    where parties.party_kind = 'bloc' or ministerial_parties.party_id is not null

),

cell_inputs as (

    select
        parties.party_id as importer_id,
        parties.party_kind as importer_kind,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        world.form,
        world.basis,
        world.source_id,
        world.edition,
        world.production_hhi_lower,
        world.production_hhi_upper,
        world.rest_tonnes,
        world.excluded_producers,
        world.exclusion_status,
        world.is_edition_break,
        world.quantity_basis,
        world.null_reason as world_null_reason,
        pools.series_number,
        pools.series_id,
        pools.source_id as trade_source_id,
        pools.edition as trade_edition,
        pools.lines_without_factor,
        pools.is_grade_heterogeneous,
        pools.has_missing_lines,
        pools.is_mixed_line,
        pools.is_truncated_release,
        pools.is_series_break,
        imports.governance_edition,
        coalesce(imports.is_contradicted, false) as is_contradicted,
        imports.value_usd,
        imports.outlier_kg,
        imports.quantity_kg,
        imports.contained_g,
        case
            when world.quantity_basis = 'gross' then imports.value_gross_usd / imports.value_usd
            else imports.value_contained_usd / imports.value_usd
        end as quantity_coverage_share,
        {%- for column, measure in {
            'import': 'quantity', 'inside': 'inside', 'weighed': 'weighed',
            'without_governance': 'without_governance'
        }.items() %}
        case
            when world.quantity_basis = 'gross' then imports.{{ measure }}_kg / 1000
            when world.quantity_basis = 'contained'
                then imports.{{ 'contained' if column == 'import' else measure }}_g / 1000000
        end as {{ column }}_tonnes,
        {%- endfor %}
        case
            when world.quantity_basis = 'gross' then imports.without_governance_kg
            when world.quantity_basis = 'contained' then imports.without_governance_g
        end as without_governance_units,
        case
            when world.quantity_basis = 'gross' then imports.quantity_kg - imports.inside_kg
            when world.quantity_basis = 'contained' then imports.contained_g - imports.inside_g
        end as outside_units,
        domestic.quantity_tonnes as domestic_tonnes,
        domestic.unknown_status,
        domestic.is_outside_total,
        domestic.importer_number is null as is_unlisted,
        gaps.null_reason as trade_null_reason
    from cells
    inner join parties on cells.importer_number = parties.party_number
    left join world
        on {{ same_key('cells', 'world', ['mineral_id', 'stage', 'reference_year']) }}
    left join pooled_imports as imports
        on
            {{ same_key('cells', 'imports', [
                'mineral_id', 'stage', 'reference_year', 'importer_number',
            ]) }}
    -- Who buys in no pool is told by that which has the stage's own lines.
    left join pools as own_pools
        on
            case when imports.series_number is null then cells.mineral_id end
            = case when own_pools.has_own_line then own_pools.mineral_id end
            and cells.stage = own_pools.stage
            and cells.reference_year = own_pools.reference_year
    left join pools
        on
            coalesce(imports.series_number, own_pools.series_number) = pools.series_number
            and cells.reference_year = pools.reference_year
    left join domestic
        on
            world.source_id = domestic.source_id
            and cells.mineral_id = domestic.mineral_id
            and cells.stage = domestic.stage
            and cells.reference_year = domestic.reference_year
            and cells.importer_number = domestic.importer_number
    left join gaps
        on
            {{ same_key('cells', 'gaps', [
                'importer_number', 'mineral_id', 'stage', 'reference_year',
            ]) }}

),

-- Whom the source does not list produces nothing, or is in its "Other countries": bounds hold both.
with_supply as (

    select
        *,
        import_tonnes + coalesce(domestic_tonnes, 0) as supply_tonnes,
        case
            when coalesce(is_outside_total, false) then null
            when is_unlisted or unknown_status is not null or importer_kind = 'bloc'
                then import_tonnes + coalesce(domestic_tonnes, 0) + coalesce(rest_tonnes, 0)
            else import_tonnes + domestic_tonnes
        end as supply_tonnes_upper,
        coalesce(weighed_tonnes, 0) as instability_tonnes,
        -- Of whole grams: all without an estimate is a coverage of 0, and not a little less.
        1 - without_governance_units / nullif(outside_units, 0) as governance_coverage_share,
        case
            when value_usd is null
                then coalesce(
                    nullif(trade_null_reason, 'no_imports_from_outside'), 'no_imports_recorded'
                )
            when world_null_reason is not null then world_null_reason
            when edition is null then 'no_world_production'
            when quantity_basis is null then 'production_on_another_basis'
            when coalesce(quantity_coverage_share, 0) < {{ threshold('quantity_coverage_minimum') }}
                then
                    {{ tonnage_null_reason(
                        'quantity_coverage_share',
                        "quantity_basis = 'contained' and lines_without_factor > 0",
                    ) }}
        end as input_null_reason
    from cell_inputs

),

final as (

    select
        *,
        case
            when input_null_reason is not null then input_null_reason
            when supply_tonnes = 0 then 'nothing_imported_or_produced'
            when unknown_status is not null and (is_outside_total or rest_tonnes > 0)
                then 'domestic_production_' || unknown_status
            when governance_coverage_share < {{ threshold('governance_coverage_minimum') }}
                then 'governance_missing'
        end as null_reason,
        case when input_null_reason is null then instability_tonnes / nullif(supply_tonnes, 0) end
            as weighted_instability,
        case
            when input_null_reason is null
                then production_hhi_lower * instability_tonnes / nullif(supply_tonnes, 0)
        end as score,
        case
            when input_null_reason is null
                then production_hhi_lower * instability_tonnes / nullif(supply_tonnes_upper, 0)
        end as score_lower,
        case
            when input_null_reason is null
                then
                    production_hhi_upper * (instability_tonnes + without_governance_tonnes)
                    / nullif(supply_tonnes, 0)
        end as score_upper
    from with_supply

)

select * from final
