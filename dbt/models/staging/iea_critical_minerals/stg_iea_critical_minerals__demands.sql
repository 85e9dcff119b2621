with

demands as (

    select * from {{ lake('iea_critical_minerals', 'demand') }}
    where {{ known_by_as_of() }}

)

select * from demands
