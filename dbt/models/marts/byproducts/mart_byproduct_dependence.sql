with

hosts as (select * from {{ ref('bridge_mineral_host') }}),

leaders as (

    select * from {{ ref('int_concentration__producer_hhi') }}
    where is_first_choice

),

{{ newest_control_day() }},

-- Controls on goods, in force on the newest day.
in_force as (

    select distinct
        controls.event_id,
        controls.item,
        controls.imposing_iso3,
        controls.mineral_id
    from {{ ref('int_controls__importer_spans') }} as controls
    cross join newest_day
    where
        controls.status = 'active'
        and controls.reach <> 'none'
        and controls.is_on_goods
        and {{ holds_on('controls', 'newest_day.on_date') }}

),

imposing_countries as (

    select distinct
        imposing_iso3,
        mineral_id
    from in_force

),

-- A control on ore is none on what is refined from it.
imposed_at_stage as (

    select distinct
        in_force.imposing_iso3,
        in_force.mineral_id,
        goods.stage
    from in_force
    inner join {{ ref('bridge_control_hs_line') }} as goods
        on in_force.event_id = goods.event_id and in_force.item = goods.item
    where goods.hs6 is not null

),

stages as (

    select
        hosts.mineral_id,
        hosts.host_label,
        hosts.host_mineral_id,
        hosts.dependence,
        hosts.verified,
        stages.stage
    from hosts
    cross join (values ('mine'), ('refined')) as stages (stage)

),

host_pairs as (

    select
        stages.*,
        own.leader_country_iso3,
        own.leader_share,
        own.form,
        own.reference_year,
        own.source_id,
        own.edition,
        host.leader_country_iso3 as host_leader_country_iso3,
        host.leader_share as host_leader_share,
        host.form as host_form,
        host.reference_year as host_reference_year,
        host.source_id as host_source_id,
        host.edition as host_edition
    from stages
    left join leaders as own
        on stages.mineral_id = own.mineral_id and stages.stage = own.stage
    left join leaders as host
        on stages.host_mineral_id = host.mineral_id and stages.stage = host.stage

),

final as (

    select
        host_pairs.*,
        case
            when
                host_pairs.leader_country_iso3 is null
                or host_pairs.host_leader_country_iso3 is null
                then null
            else host_pairs.leader_country_iso3 = host_pairs.host_leader_country_iso3
        end as is_one_leader,
        case
            when host_pairs.leader_country_iso3 is not null then own_control.mineral_id is not null
        end as leader_controls_mineral,
        case
            when host_pairs.host_leader_country_iso3 is not null
                then host_control.mineral_id is not null
        end as host_leader_controls_mineral,
        case
            when host_pairs.leader_share is null then 'no_leader_at_this_stage'
        end as null_reason,
        case
            when host_pairs.host_mineral_id is null then 'host_is_no_mineral_of_the_warehouse'
            when host_pairs.host_leader_share is null then 'no_leader_of_the_host_at_this_stage'
        end as host_null_reason
    from host_pairs
    left join imposed_at_stage as own_control
        on
            host_pairs.mineral_id = own_control.mineral_id
            and host_pairs.stage = own_control.stage
            and host_pairs.leader_country_iso3 = own_control.imposing_iso3
    left join imposing_countries as host_control
        on
            host_pairs.mineral_id = host_control.mineral_id
            and host_pairs.host_leader_country_iso3 = host_control.imposing_iso3

)

{{ contract_columns() }}
order by mineral_id, host_label, stage
