with

export_control_lines as (

    select * from {{ lake('reference', 'export_control_line') }}

)

select * from export_control_lines
