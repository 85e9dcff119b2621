with

members as (select * from {{ ref('stg_reference__critical_list_members') }}),

final as (

    select
        *,
        reason as null_reason,
        url as source_url
    from members

)

{{ contract_columns() }}
order by
    list_id, published_label
