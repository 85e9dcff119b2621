with

imports as (

    select * from {{ lake('eurostat_comext', 'cn8_import') }}

)

select * from imports
