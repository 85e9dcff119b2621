with

names as (

    select * from {{ ref('stg_reference__names') }}
    where named_kind in ('country', 'bloc', 'aggregate')

),

countries as (select * from {{ ref('stg_reference__countries') }}),

final as (

    select
        cast(names.named_id as string) as party_id,
        cast(names.named_kind as string) as party_kind,
        cast(names.name as string) as party_name,
        cast(countries.country_iso3 as string) as country_iso3,
        cast(countries.valid_from_year as integer) as valid_from_year,
        cast(countries.valid_to_year as integer) as valid_to_year
    from names
    left join countries on names.named_id = countries.country_iso3

)

select * from final
order by party_id
