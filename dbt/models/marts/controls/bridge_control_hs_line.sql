with

controls as (

    select * from {{ ref('fct_export_control') }}

),

lines as (

    select * from {{ ref('dim_hs_line') }}

),

said as (

    select * from {{ ref('stg_reference__export_control_lines') }}

),

-- Everything of a mineral is every line of it; what is said by hand overrules.
derived as (

    select
        controls.event_id,
        controls.item,
        lines.hs6,
        'whole' as covers,
        'every line of ' || controls.mineral_id
        || coalesce(' at stage ' || controls.stage, '') as reason,
        'hs_lines.csv' as source,
        cast(null as varchar) as source_url,
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

matched as (

    select * from derived
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
        cast(controls.event_id as varchar) as event_id,
        cast(controls.item as varchar) as item,
        cast(lines.hs6 as varchar) as hs6,
        cast(controls.mineral_id as varchar) as mineral_id,
        cast(lines.stage as varchar) as stage,
        cast(
            case
                when controls.extent = 'technology' then 'technology'
                when lines.hs6 is null then null
                when matched.covers = 'end_user' then 'end_user'
                when matched.covers = 'whole' and lines.is_exclusive then 'whole_line'
                else 'part_of_line'
            end as varchar
        ) as scope,
        cast(matched.covers as varchar) as mineral_covered,
        cast(lines.group_id as varchar) as group_id,
        cast(not lines.is_exclusive as boolean) as is_shared_line,
        cast(lines.data_held as varchar) as data_held,
        cast(matched.reason as varchar) as reason,
        cast(matched.source as varchar) as source,
        cast(matched.source_url as varchar) as source_url,
        cast(matched.verified as varchar) as verified,
        cast(
            case
                when lines.hs6 is not null then null
                when controls.mineral_id is null then 'outside_the_warehouse'
                when controls.extent = 'technology' then 'technology'
                else 'no_line_of_ours'
            end as varchar
        ) as null_reason
    from controls
    left join matched
        on
            controls.event_id = matched.event_id
            and controls.item = matched.item
            and controls.extent <> 'technology'
    left join lines
        on matched.hs6 = lines.hs6 and controls.mineral_id = lines.mineral_id

)

{{ with_names() }}
order by
    event_id, item, hs6
