with

editions as (

    select * from {{ lake('reference', 'edition') }}
    where {{ known_by_as_of() }}

)

select * from editions
