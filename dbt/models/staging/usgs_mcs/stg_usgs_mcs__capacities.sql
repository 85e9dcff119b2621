with

capacities as (

    select * from {{ lake('usgs_mcs', 'capacity') }}
    where {{ known_by_as_of() }}

)

select * from capacities
