with

series as (

    select * from {{ lake('cepii_baci', 'series') }}

)

select * from series
