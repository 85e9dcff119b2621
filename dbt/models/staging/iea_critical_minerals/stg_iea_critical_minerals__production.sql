with

production as (

    select * from {{ lake('iea_critical_minerals', 'production') }}

)

select * from production
