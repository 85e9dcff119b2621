with

supply as (

    select * from {{ ref('int_n_minus_1__leader_removals') }}

),

demand as (

    select * from {{ ref('fct_demand') }}
    where use_kind = 'total'

),

minerals as (

    select * from {{ ref('dim_mineral') }}

),

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
matched as (

    select
        supply.*,
        demand.scenario as demand_scenario,
        demand.basis = supply.basis and demand.form in ('all_forms', supply.form)
            as is_same_thing,
        demand.quantity_tonnes as published_demand_tonnes
    from supply
    left join demand
        on
            supply.source_id = demand.source_id
            and supply.edition = demand.edition
            and supply.mineral_id = demand.mineral_id
            and supply.reference_year = demand.reference_year

),

judged as (

    select
        *,
        case
            when null_reason is not null then null_reason
            when demand_scenario is null then 'demand_not_published'
            when not is_same_thing then 'demand_is_of_another_form'
            when published_demand_tonnes is null or published_demand_tonnes = 0
                then 'demand_without_a_figure'
        end as demand_coverage_null_reason
    from matched

),

consumed as (

    select
        judged.*,
        case when judged.demand_coverage_null_reason is null then judged.published_demand_tonnes end
            as demand_tonnes,
        judged.leader_tonnes + judged.net_import_tonnes as consumption_tonnes,
        judged.leader_tonnes + judged.net_import_max_tonnes as consumption_max_tonnes,
        case
            when
                judged.demand_coverage_null_reason is not null
                then judged.demand_coverage_null_reason
            when judged.supply_scenario <> 'observed' then 'year_is_projected'
            when judged.stage = 'mine' then 'demand_arises_after_this_stage'
            when judged.basis <> 'contained' then 'trade_counts_another_basis'
            else judged.net_import_null_reason
        end as consumption_null_reason
    from judged

),

weighed as (

    select
        *,
        coalesce(
            consumption_null_reason is null
            and consumption_max_tonnes > {{ threshold('leader_demand_maximum') }} * demand_tonnes,
            false
        ) as is_collapsing
    from consumed

),

-- What goes into stock in one year is used in another: an estimate of demand that fails in one
-- year of a series is no demand in its other years either.
settled as (

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
    from weighed

),

final as (

    select
        settled.mineral_id,
        settled.stage,
        settled.form,
        settled.basis,
        settled.reference_year,
        settled.source_id,
        settled.edition,
        settled.is_current_edition,
        settled.supply_scenario,
        settled.demand_scenario,
        settled.leader_country_iso3,
        settled.leader_count,
        settled.leader_share,
        settled.remaining_supply_share,
        settled.world_total_tonnes,
        settled.remaining_supply_tonnes,
        settled.demand_tonnes,
        settled.world_total_tonnes / settled.demand_tonnes as supply_to_demand,
        settled.remaining_supply_tonnes / settled.demand_tonnes as demand_coverage_low,
        case
            when settled.leader_demand_null_reason is null
                then
                    settled.remaining_supply_tonnes
                    / (settled.demand_tonnes - settled.consumption_tonnes)
        end as demand_coverage_point,
        case
            when settled.leader_demand_null_reason is null
                then
                    settled.remaining_supply_tonnes
                    / (settled.demand_tonnes - settled.consumption_max_tonnes)
        end as demand_coverage_high,
        case
            when settled.consumption_null_reason is null then settled.consumption_tonnes
        end as leader_demand_tonnes,
        case
            when settled.consumption_null_reason is null
                then settled.consumption_tonnes / settled.demand_tonnes
        end as leader_demand_share,
        settled.coverage_share,
        settled.excluded_producers,
        settled.exclusion_status,
        minerals.is_mainly_byproduct,
        host_minerals.host_minerals,
        nullif(
            concat_ws(
                ',',
                case when minerals.is_mainly_byproduct then 'by_product' end,
                case when settled.is_edition_break then 'edition_break' end,
                case when settled.excluded_producers is not null then 'excluded_producers' end,
                case when settled.leader_count > 1 then 'leader_tied' end,
                case
                    when
                        settled.leader_demand_null_reason is null
                        and settled.has_missing_lines
                        then 'lines_missing'
                end,
                case when settled.withheld_producer_count > 0 then 'producer_withheld' end
            ),
            ''
        ) as quality_flags,
        settled.null_reason,
        settled.demand_coverage_null_reason,
        settled.leader_demand_null_reason
    from settled
    left join minerals on settled.mineral_id = minerals.mineral_id
    left join host_minerals on settled.mineral_id = host_minerals.mineral_id

)

{{ contract_columns() }}
order by
    mineral_id, stage, form, basis, reference_year, source_id, edition, demand_scenario
