with

production as (

    select * from {{ lake('usgs_mcs', 'production') }}

)

select * from production
