with

members as (

    select * from {{ ref('stg_reference__country_group_members') }}

),

final as (

    select
        cast(group_id as varchar) as bloc_id,
        cast(group_name as varchar) as bloc_name,
        cast(member_id as varchar) as country_iso3,
        cast(party_id as varchar) as party_id,
        cast(role as varchar) as role,
        cast(valid_from as date) as valid_from,
        cast(valid_to as date) as valid_to,
        cast(source as varchar) as source,
        cast(url as varchar) as source_url,
        cast(verified as varchar) as verified,
        cast(note as varchar) as note
    from members

)

{{ with_names() }}
order by
    bloc_id, country_iso3, party_id
