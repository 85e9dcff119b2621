with

critical_list_members as (

    select * from {{ lake('reference', 'critical_list_member') }}

)

select * from critical_list_members
