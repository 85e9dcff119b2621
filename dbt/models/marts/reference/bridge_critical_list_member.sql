with

members as (

    select * from {{ ref('stg_reference__critical_list_members') }}

),

final as (

    select
        cast(list_id as varchar) as list_id,
        cast(published_label as varchar) as published_label,
        cast(mineral_id as varchar) as mineral_id,
        cast(label_covers as varchar) as label_covers,
        cast(reason as varchar) as null_reason,
        cast(source as varchar) as source,
        cast(url as varchar) as source_url,
        cast(verified as varchar) as verified
    from members

)

{{ with_names() }}
order by
    list_id, published_label
