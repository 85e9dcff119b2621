with

hosts as (

    select * from {{ ref('stg_reference__byproduct_hosts') }}

),

final as (

    select
        cast(mineral_id as varchar) as mineral_id,
        cast(host_label as varchar) as host_label,
        cast(host_mineral_id as varchar) as host_mineral_id,
        cast(dependence as varchar) as dependence,
        cast(note as varchar) as note,
        cast(source as varchar) as source,
        cast(url as varchar) as source_url,
        cast(verified as varchar) as verified
    from hosts

)

{{ with_names() }}
order by
    mineral_id, host_label
