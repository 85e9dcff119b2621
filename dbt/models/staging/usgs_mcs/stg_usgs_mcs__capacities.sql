with

capacities as (

    select * from {{ lake('usgs_mcs', 'capacity') }}

)

select * from capacities
