with

countries as (

    select * from {{ lake('reference', 'country') }}

)

select * from countries
