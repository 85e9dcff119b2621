with

sources as (

    select * from {{ lake('reference', 'source') }}

)

select * from sources
