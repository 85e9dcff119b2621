with

hosts as (select * from {{ ref('stg_reference__byproduct_hosts') }}),

final as (

    select
        *,
        url as source_url
    from hosts

)

{{ contract_columns() }}
order by
    mineral_id, host_label
