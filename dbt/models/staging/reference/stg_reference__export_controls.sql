with

export_controls as (

    select * from {{ lake('reference', 'export_control') }}

)

select * from export_controls
