with

supply_outlooks as (

    select * from {{ lake('iea_critical_minerals', 'supply_outlook') }}
    where {{ known_by_as_of() }}

)

select * from supply_outlooks
