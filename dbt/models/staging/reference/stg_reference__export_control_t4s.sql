with

export_control_t4s as (

    select * from {{ lake('reference', 'export_control_t4') }}

)

select * from export_control_t4s
