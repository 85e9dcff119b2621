with

controls as (select * from {{ ref('fct_export_control') }}),
lines as (select * from {{ ref('dim_hs_line') }}),
said as (select * from {{ ref('stg_reference__export_control_lines') }}),

-- Everything of a mineral is every line of it; what is said by hand overrules.
derived_lines as (

    select
        controls.event_id,
        controls.item,
        lines.hs6,
        'whole' as covers,
        'every line of ' || controls.mineral_id
        || coalesce(' at stage ' || controls.stage, '') as reason,
        'hs_lines.csv' as source,
        cast(null as string) as source_url,
        'computed' as verified
    from controls
    inner join lines
        on
            controls.mineral_id = lines.mineral_id
            and coalesce(controls.stage, lines.stage) = lines.stage
    left join said
        on
            controls.event_id = said.event_id
            and controls.item = said.item
            and lines.hs6 = said.hs6
    where controls.extent = 'whole' and said.hs6 is null

),

control_lines as (

    select * from derived_lines
    union all
    select
        event_id,
        item,
        hs6,
        covers,
        reason,
        source,
        url as source_url,
        verified
    from said
    where covers <> 'none'

),

final as (

    select
        controls.event_id,
        controls.item,
        lines.hs6,
        controls.mineral_id,
        lines.stage,
        case
            when controls.extent = 'technology' then 'technology'
            when lines.hs6 is null then null
            when control_lines.covers = 'end_user' then 'end_user'
            when control_lines.covers = 'whole' and lines.is_exclusive then 'whole_line'
            else 'part_of_line'
        end as scope,
        control_lines.covers as mineral_covered,
        lines.group_id,
        not lines.is_exclusive as is_shared_line,
        lines.data_held,
        control_lines.reason,
        control_lines.source,
        control_lines.source_url,
        control_lines.verified,
        case
            when lines.hs6 is not null then null
            when controls.mineral_id is null then 'outside_the_warehouse'
            when controls.extent = 'technology' then 'technology'
            else 'no_line_of_ours'
        end as null_reason
    from controls
    left join control_lines
        on
            controls.event_id = control_lines.event_id
            and case when controls.extent <> 'technology' then controls.item end
            = control_lines.item
    left join lines
        on control_lines.hs6 = lines.hs6 and controls.mineral_id = lines.mineral_id

)

{{ contract_columns() }}
order by
    event_id, item, hs6
