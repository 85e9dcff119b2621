with

claims as (

    select * from {{ lake('reference', 'claim') }}

)

select * from claims
