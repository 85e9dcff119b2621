with

hs_lines as (

    select * from {{ lake('reference', 'hs_line') }}

)

select * from hs_lines
