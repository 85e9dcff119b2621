with

series_gaps as (

    select * from {{ lake('cepii_baci', 'series_gap') }}

)

select * from series_gaps
