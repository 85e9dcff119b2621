with

area_members as (

    select * from {{ lake('reference', 'area_member') }}

)

select * from area_members
