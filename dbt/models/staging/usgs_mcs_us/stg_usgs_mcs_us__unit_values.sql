with

unit_values as (

    select * from {{ lake('usgs_mcs_us', 'unit_value') }}

)

select * from unit_values
