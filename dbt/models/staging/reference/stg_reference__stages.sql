with

stages as (

    select * from {{ lake('reference', 'stage') }}

)

select * from stages
