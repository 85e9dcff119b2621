with

members as (select * from {{ ref('stg_reference__country_group_members') }}),

final as (

    select
        *,
        group_id as bloc_id,
        group_name as bloc_name,
        member_id as country_iso3,
        url as source_url
    from members

)

{{ contract_columns() }}
order by
    bloc_id, country_iso3, party_id
