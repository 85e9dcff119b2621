with

contained_factors as (

    select * from {{ lake('reference', 'contained_factor') }}

)

select * from contained_factors
