{#-
    World supply without its largest supplier, of production and of the outlook in one shape. Of a tie the
    first by code is taken away. Shares are of the printed total; what remains is of the sum of the named countries where
    that is more, as a rounded total may be smaller than its parts.
    Beside it what the leader of a refined stage buys abroad on balance, in tonnes of metal, by the middle
    factors and at most (imports by the high, exports by the low ones): with its output, what it keeps for
    itself. Trade is that of the series which answers for the year; a shipment that stands under two codes counts
    once.
-#}
{%- set parts_over_total -%}
(case when removals.coverage_share > 1 then removals.coverage_share else 1 end)
{%- endset -%}
with

concentrations as (select * from {{ ref('int_concentration__producer_hhi') }}),

shares as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production' and producer_order = 1

),

outlook as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_current_edition
    from {{ ref('stg_iea_critical_minerals__supply_outlooks') }}

),

flows as (

    select * from {{ ref('int_trade__measured_flows') }}
    where
        is_current_edition
        and pool_number is not null
        and not is_suspected_double_count
        and not is_code_drift

),

series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where series_level = 'mineral_stage' and is_current_series

),

parties as (select * from {{ ref('int_trade__parties') }}),
covered as (select * from {{ ref('covered_trade_stage') }}),

observed_supply as (

    select
        concentrations.source_id,
        concentrations.edition,
        concentrations.is_current_edition,
        'observed' as supply_scenario,
        concentrations.mineral_id,
        concentrations.stage,
        concentrations.form,
        concentrations.basis,
        concentrations.reference_year,
        concentrations.world_total_tonnes,
        concentrations.leader_country_iso3,
        concentrations.leader_share,
        concentrations.leader_count,
        shares.quantity_tonnes as leader_tonnes,
        concentrations.coverage_share,
        concentrations.estimated_share,
        concentrations.excluded_producers,
        concentrations.exclusion_status,
        concentrations.withheld_producer_count,
        concentrations.is_edition_break,
        concentrations.null_reason
    from concentrations
    left join shares
        on
            {{ same_key('concentrations', 'shares', [
                'source_id', 'edition', 'mineral_id', 'stage', 'form', 'basis', 'reference_year',
            ]) }}
            and concentrations.leader_country_iso3 = shares.country_iso3

),

ranked_suppliers as (

    select
        *,
        rank() over (
            partition by
                source_id, edition, scenario, mineral_id, stage, form, basis, reference_year
            order by case when geography_kind = 'country' then quantity_tonnes end desc nulls last
        ) as supplier_rank,
        row_number() over (
            partition by
                source_id, edition, scenario, mineral_id, stage, form, basis, reference_year
            order by
                case when geography_kind = 'country' then quantity_tonnes end desc nulls last,
                geography_id asc
        ) as supplier_order
    from outlook

),

projected_supply as (

    select
        source_id,
        edition,
        is_current_edition,
        scenario as supply_scenario,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        max(case when geography_kind = 'world' then quantity_tonnes end) as world_total_tonnes,
        max(case when supplier_order = 1 then country_iso3 end) as leader_country_iso3,
        cast(
            count(case when supplier_rank = 1 and geography_kind = 'country' then 1 end) as integer
        ) as leader_count,
        max(case when geography_kind = 'country' then quantity_tonnes end) as leader_tonnes,
        {{ exact_sum("case when geography_kind = 'country' then quantity_tonnes end") }}
            as named_total_tonnes
    from ranked_suppliers
    group by
        source_id, edition, is_current_edition, scenario, mineral_id, stage, form, basis,
        reference_year

),

removals as (

    select * from observed_supply
    union all
    select
        source_id,
        edition,
        is_current_edition,
        supply_scenario,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        world_total_tonnes,
        leader_country_iso3,
        leader_tonnes / nullif(world_total_tonnes, 0) as leader_share,
        leader_count,
        leader_tonnes,
        named_total_tonnes / nullif(world_total_tonnes, 0) as coverage_share,
        cast(null as double) as estimated_share,
        cast(null as string) as excluded_producers,
        'no_notes' as exclusion_status,
        0 as withheld_producer_count,
        false as is_edition_break,
        case
            when leader_tonnes is null then 'no_producer_has_a_figure'
            when world_total_tonnes is null or world_total_tonnes = 0
                then 'world_total_not_listed'
        end as null_reason
    from projected_supply

),

leaders as (

    select distinct
        mineral_id,
        stage,
        reference_year,
        leader_country_iso3
    from removals
    where supply_scenario = 'observed' and stage <> 'mine' and basis = 'contained'

),

cases as (

    select
        leaders.mineral_id,
        leaders.stage,
        leaders.reference_year,
        leaders.leader_country_iso3 as country_iso3,
        parties.party_number,
        series.series_number,
        series.series_id,
        series.has_missing_lines,
        series.lines_without_factor,
        series.is_truncated_release,
        covered.mineral_id is not null as is_covered
    from leaders
    inner join parties on leaders.leader_country_iso3 = parties.party_id
    inner join series
        on {{ same_key('leaders', 'series', ['mineral_id', 'stage', 'reference_year']) }}
    left join covered
        on leaders.mineral_id = covered.mineral_id and leaders.stage = covered.stage

),

pools as (

    select distinct
        series_number,
        reference_year
    from cases

),

-- The stages and years asked for, and no other.
asked_flows as (

    select flows.*
    from flows
    inner join pools
        on
            flows.pool_number = pools.series_number
            and flows.reference_year = pools.reference_year

),

imports as (

    select
        pool_number as series_number,
        reference_year,
        importer_number as party_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(case when contained_g is not null then value_usd end) as bigint)
            as value_contained_usd,
        cast(sum(contained_g) as bigint) as contained_g,
        cast(sum(contained_high_g) as bigint) as contained_high_g
    from asked_flows
    group by pool_number, reference_year, importer_number

),

sales as (

    select
        pool_number as series_number,
        reference_year,
        exporter_number as party_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(case when contained_g is not null then value_usd end) as bigint)
            as value_contained_usd,
        cast(sum(contained_g) as bigint) as contained_g,
        cast(sum(contained_low_g) as bigint) as contained_low_g
    from asked_flows
    group by pool_number, reference_year, exporter_number

),

net_imports as (

    select
        cases.mineral_id,
        cases.stage,
        cases.reference_year,
        cases.country_iso3,
        cases.series_id,
        cases.has_missing_lines,
        (coalesce(imports.contained_g, 0) - coalesce(sales.contained_g, 0)) / 1000000
            as net_import_tonnes,
        (coalesce(imports.contained_high_g, 0) - coalesce(sales.contained_low_g, 0)) / 1000000
            as net_import_max_tonnes,
        cases.lines_without_factor,
        case
            when cases.has_missing_lines and not cases.is_covered then 'trade_lines_missing'
            when cases.is_truncated_release then 'truncated_release'
        end as series_null_reason,
        -- The side with fewer tonnes; one without trade lacks none.
        least(
            case
                when imports.value_usd > 0
                    then coalesce(imports.value_contained_usd, 0) / imports.value_usd
                else 1
            end,
            case
                when sales.value_usd > 0
                    then coalesce(sales.value_contained_usd, 0) / sales.value_usd
                else 1
            end
        ) as weighed_share
    from cases
    left join imports
        on {{ same_key('cases', 'imports', [
            'series_number', 'reference_year', 'party_number',
        ]) }}
    left join sales
        on {{ same_key('cases', 'sales', ['series_number', 'reference_year', 'party_number']) }}

)

select
    removals.*,
    1 - removals.leader_share / {{ parts_over_total }} as remaining_supply_share,
    case
        when removals.leader_share is not null
            -- To the gram: a share times a total is a little off.
            then
                round(
                    removals.world_total_tonnes * {{ parts_over_total }} - removals.leader_tonnes,
                    6
                )
    end as remaining_supply_tonnes,
    net_imports.has_missing_lines,
    net_imports.net_import_tonnes,
    net_imports.net_import_max_tonnes,
    case
        when net_imports.country_iso3 is null then 'no_trade_series'
        when net_imports.series_null_reason is not null then net_imports.series_null_reason
        when
            net_imports.lines_without_factor > 0
            or net_imports.weighed_share < {{ threshold('quantity_coverage_minimum') }}
            then
                {{ tonnage_null_reason(
                    'net_imports.weighed_share', 'net_imports.lines_without_factor > 0'
                ) }}
    end as net_import_null_reason
from removals
left join net_imports
    on
        {{ same_key('removals', 'net_imports', ['mineral_id', 'stage', 'reference_year']) }}
        and removals.leader_country_iso3 = net_imports.country_iso3
