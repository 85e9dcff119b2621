with

byproduct_hosts as (

    select * from {{ lake('reference', 'byproduct_host') }}

)

select * from byproduct_hosts
