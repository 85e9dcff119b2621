with

country_group_members as (

    select * from {{ lake('reference', 'country_group_member') }}

)

select * from country_group_members
