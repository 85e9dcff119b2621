{#-
    World supply without its largest supplier, of production and of the outlook in one shape. Of a tie the
    first by code is taken away. Shares are of the printed total.
-#}
with

concentrations as (

    select * from {{ ref('mart_supplier_concentration') }}

),

leaders as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production' and producer_order = 1

),

outlook as (

    select * from {{ ref('fct_supply_outlook') }}

),

produced as (

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
        leaders.quantity_tonnes as leader_tonnes,
        concentrations.coverage_share,
        concentrations.excluded_producers,
        concentrations.exclusion_status,
        concentrations.withheld_producer_count,
        concentrations.is_edition_break,
        concentrations.null_reason
    from concentrations
    left join leaders
        on
            concentrations.source_id = leaders.source_id
            and concentrations.edition = leaders.edition
            and concentrations.mineral_id = leaders.mineral_id
            and concentrations.stage = leaders.stage
            and concentrations.form = leaders.form
            and concentrations.basis = leaders.basis
            and concentrations.reference_year = leaders.reference_year
            and concentrations.leader_country_iso3 = leaders.country_iso3

),

ranked as (

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

projected as (

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
    from ranked
    group by
        source_id,
        edition,
        is_current_edition,
        scenario,
        mineral_id,
        stage,
        form,
        basis,
        reference_year

),

unioned as (

    select * from produced
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
        cast(null as varchar) as excluded_producers,
        'no_notes' as exclusion_status,
        0 as withheld_producer_count,
        false as is_edition_break,
        case
            when leader_tonnes is null then 'no_producer_has_a_figure'
            when world_total_tonnes is null or world_total_tonnes = 0
                then 'world_total_not_listed'
        end as null_reason
    from projected

)

select
    *,
    1 - leader_share as remaining_supply_share,
    case when leader_share is not null then world_total_tonnes - leader_tonnes end
        as remaining_supply_tonnes
from unioned
