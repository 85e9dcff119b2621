with

gas_volumes as (

    select * from {{ lake('usgs_outlook', 'gas_volume') }}
    where {{ known_by_as_of() }}

)

select * from gas_volumes
