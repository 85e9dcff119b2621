with

export_control_t4s as (

    select * from {{ lake('usgs_mcs_us', 'export_control_t4') }}

)

select * from export_control_t4s
