with

aliases as (

    select * from {{ lake('reference', 'country_alias') }}

)

select * from aliases
