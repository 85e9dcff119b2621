with

minerals as (

    select * from {{ lake('reference', 'mineral') }}

)

select * from minerals
