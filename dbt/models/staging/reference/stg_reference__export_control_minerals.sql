with

export_control_minerals as (

    select * from {{ lake('reference', 'export_control_mineral') }}

)

select * from export_control_minerals
