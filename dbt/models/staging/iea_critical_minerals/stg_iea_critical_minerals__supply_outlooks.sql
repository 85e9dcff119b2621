with

supply_outlooks as (

    select * from {{ lake('iea_critical_minerals', 'supply_outlook') }}

)

select * from supply_outlooks
