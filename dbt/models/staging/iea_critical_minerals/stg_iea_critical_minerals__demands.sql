with

demands as (

    select * from {{ lake('iea_critical_minerals', 'demand') }}

)

select * from demands
