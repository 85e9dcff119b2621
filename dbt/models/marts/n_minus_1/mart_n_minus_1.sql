{%- set question = ['mineral_id', 'stage', 'form', 'basis', 'reference_year'] %}
with

supply as (select * from {{ ref('int_n_minus_1__leader_removals') }}),

demand as (

    select * from {{ ref('fct_demand') }}
    where use_kind = 'total'

),

minerals as (select * from {{ ref('dim_mineral') }}),

host_rows as (

    select
        mineral_id,
        host_label || ' (' || dependence || ')' as host,
        row_number() over (
            partition by mineral_id
            order by
                case dependence
                    when 'sole' then 1
                    when 'main' then 2
                    when 'mutual' then 3
                    else 4
                end,
                host_label
        ) as host_order
    from {{ ref('bridge_mineral_host') }}

),

host_minerals as (

    select
        mineral_id,
        concat_ws(
            '; '
            {%- for number in range(1, 6) %},
            max(case when host_order = {{ number }} then host end)
            {%- endfor %}
        ) as host_minerals
    from host_rows
    group by mineral_id

),

-- Demand of the same publisher and edition, for the same thing.
supply_with_demand as (

    select
        supply.*,
        demand.scenario as demand_scenario,
        demand.basis = supply.basis and demand.form in ('all_forms', supply.form)
            as is_same_thing,
        demand.quantity_tonnes as published_demand_tonnes
    from supply
    left join demand
        on
            {{ same_key('supply', 'demand', [
                'source_id', 'edition', 'mineral_id', 'reference_year',
            ]) }}

),

with_reasons as (

    select
        *,
        case
            when null_reason is not null then null_reason
            when demand_scenario is null then 'demand_not_published'
            when not is_same_thing then 'demand_is_of_another_form'
            when published_demand_tonnes is null or published_demand_tonnes = 0
                then 'demand_without_a_figure'
        end as demand_coverage_null_reason
    from supply_with_demand

),

with_consumption as (

    select
        with_reasons.*,
        case
            when with_reasons.demand_coverage_null_reason is null
                then with_reasons.published_demand_tonnes
        end
            as demand_tonnes,
        with_reasons.leader_tonnes + with_reasons.net_import_tonnes as consumption_tonnes,
        with_reasons.leader_tonnes + with_reasons.net_import_max_tonnes as consumption_max_tonnes,
        case
            when
                with_reasons.demand_coverage_null_reason is not null
                then with_reasons.demand_coverage_null_reason
            when with_reasons.supply_scenario <> 'observed' then 'year_is_projected'
            when with_reasons.stage = 'mine' then 'demand_arises_after_this_stage'
            when with_reasons.basis <> 'contained' then 'trade_counts_another_basis'
            else with_reasons.net_import_null_reason
        end as consumption_null_reason
    from with_reasons

),

with_collapse as (

    select
        *,
        coalesce(
            consumption_null_reason is null
            and consumption_max_tonnes > {{ threshold('leader_demand_maximum') }} * demand_tonnes,
            false
        ) as is_collapsing
    from with_consumption

),

-- What goes into stock in one year is used in another: an estimate of demand that fails in one
-- year of a series is no demand in its other years either.
with_final_reason as (

    select
        *,
        case
            when consumption_null_reason is not null then consumption_null_reason
            when is_collapsing then 'remaining_demand_collapses'
            when
                max(case when is_collapsing then 1 else 0 end) over (
                    partition by source_id, mineral_id, stage, form, basis, leader_country_iso3
                ) = 1
                then 'remaining_demand_collapses_in_another_year'
        end as leader_demand_null_reason
    from with_collapse

),

rules as (

    select
        max(case when spare_kind = 'measured' then ramp end) as measured_ramp,
        max(case when spare_kind = 'assumed' then spare_share * ramp end) as assumed_share
    from {{ ref('disruption_spare') }}

),

{{ others_spares() }},

-- A leader that the publisher of the capacities does not name is any other country.
measured_spares as (

    select
        {%- for column in [
            'spare_tonnes_lower', 'spare_tonnes_upper', 'source_id', 'capacity_edition',
            'estimated_share', 'excluded_producers'
        ] %}
        case when named.country_iso3 is null then other.{{ column }} else named.{{ column }} end
            as measured_{{ column }},
        {%- endfor %}
        with_final_reason.*
    from with_final_reason
    left join others as named
        on
            {{ same_key('with_final_reason', 'named', question) }}
            and with_final_reason.leader_country_iso3 = named.country_iso3
    left join others as other
        on
            {{ same_key('with_final_reason', 'other', question) }}
            and other.country_iso3 = 'OTHER'

),

-- Where nobody prints a capacity: the seeded part of what others make by name.
with_spare as (

    select
        {%- for end, bound in {'low': 'lower', 'high': 'upper'}.items() %}
        coalesce(
            measured_spares.measured_spare_tonnes_{{ bound }} * rules.measured_ramp,
            rules.assumed_share * greatest(
                measured_spares.coverage_share * measured_spares.world_total_tonnes
                - measured_spares.leader_tonnes,
                0
            )
        ) as spare_tonnes_{{ end }},
        {%- endfor %}
        {%- for said, column in {
            'source_id': 'source_id', 'edition': 'capacity_edition',
            'estimated_share': 'estimated_share',
            'excluded_producers': 'excluded_producers'
        }.items() %}
        case
            when measured_spares.measured_spare_tonnes_lower is not null
                then measured_spares.measured_{{ column }}
        end as spare_{{ said }},
        {%- endfor %}
        measured_spares.*,
        case
            when measured_spares.null_reason is not null then measured_spares.null_reason
            when measured_spares.supply_scenario <> 'observed' then 'year_is_projected'
            when measured_spares.remaining_supply_tonnes is null then 'shares_only'
        end as spare_null_reason,
        case
            when measured_spares.measured_spare_tonnes_lower is null then 'assumed' else 'measured'
        end
            as spare_basis
    from measured_spares
    cross join rules

),

final as (

    select
        with_spare.mineral_id,
        with_spare.stage,
        with_spare.form,
        with_spare.basis,
        with_spare.reference_year,
        with_spare.source_id,
        with_spare.edition,
        with_spare.is_current_edition,
        with_spare.supply_scenario,
        with_spare.demand_scenario,
        with_spare.leader_country_iso3,
        with_spare.leader_count,
        with_spare.leader_share,
        with_spare.remaining_supply_share,
        with_spare.world_total_tonnes,
        with_spare.remaining_supply_tonnes,
        {%- for column in [
            'spare_tonnes_low', 'spare_tonnes_high', 'spare_basis', 'spare_source_id',
            'spare_edition', 'spare_estimated_share', 'spare_excluded_producers'
        ] %}
        case when with_spare.spare_null_reason is null then with_spare.{{ column }} end
            as {{ 'others_' ~ column if 'tonnes' in column else column }},
        {%- endfor %}
        case
            when with_spare.spare_null_reason is null
                then
                    (with_spare.remaining_supply_tonnes + with_spare.spare_tonnes_low)
                    / (with_spare.remaining_supply_tonnes + with_spare.leader_tonnes)
        end as remaining_supply_share_with_spare,
        with_spare.demand_tonnes,
        with_spare.world_total_tonnes / with_spare.demand_tonnes as supply_to_demand,
        with_spare.remaining_supply_tonnes / with_spare.demand_tonnes as demand_coverage_low,
        case
            when with_spare.leader_demand_null_reason is null
                then
                    with_spare.remaining_supply_tonnes
                    / (with_spare.demand_tonnes - with_spare.consumption_tonnes)
        end as demand_coverage_point,
        case
            when with_spare.leader_demand_null_reason is null
                then
                    with_spare.remaining_supply_tonnes
                    / (with_spare.demand_tonnes - with_spare.consumption_max_tonnes)
        end as demand_coverage_high,
        case
            when with_spare.consumption_null_reason is null then with_spare.consumption_tonnes
        end as leader_demand_tonnes,
        case
            when with_spare.consumption_null_reason is null
                then with_spare.consumption_tonnes / with_spare.demand_tonnes
        end as leader_demand_share,
        with_spare.coverage_share,
        with_spare.estimated_share,
        with_spare.excluded_producers,
        with_spare.exclusion_status,
        minerals.is_mainly_byproduct,
        host_minerals.host_minerals,
        nullif(
            concat_ws(
                ',',
                case when minerals.is_mainly_byproduct then 'by_product' end,
                case when with_spare.is_edition_break then 'edition_break' end,
                case when with_spare.excluded_producers is not null then 'excluded_producers' end,
                case when with_spare.leader_count > 1 then 'leader_tied' end,
                case
                    when
                        with_spare.leader_demand_null_reason is null
                        and with_spare.has_missing_lines
                        then 'lines_missing'
                end,
                case when with_spare.withheld_producer_count > 0 then 'producer_withheld' end
            ),
            ''
        ) as quality_flags,
        with_spare.null_reason,
        with_spare.spare_null_reason,
        with_spare.demand_coverage_null_reason,
        with_spare.leader_demand_null_reason
    from with_spare
    left join minerals on with_spare.mineral_id = minerals.mineral_id
    left join host_minerals on with_spare.mineral_id = host_minerals.mineral_id

)

{{ contract_columns() }}
order by
    mineral_id, stage, form, basis, reference_year, source_id, edition, demand_scenario
