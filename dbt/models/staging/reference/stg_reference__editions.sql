with

editions as (

    select * from {{ lake('reference', 'edition') }}

)

select * from editions
