with

countries as (select * from {{ ref('stg_reference__countries') }})

select
    cast(country_iso3 as string) as country_iso3,
    cast(country_name as string) as country_name,
    cast(valid_from_year as integer) as valid_from_year,
    cast(valid_to_year as integer) as valid_to_year,
    cast(note as string) as note
from countries
order by country_iso3
