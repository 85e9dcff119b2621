with

capacity_outlooks as (

    select * from {{ lake('usgs_outlook', 'capacity_outlook') }}
    where {{ known_by_as_of() }}

)

select * from capacity_outlooks
