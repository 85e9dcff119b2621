with

criticalities as (

    select * from {{ lake('eu_crm', 'criticality') }}

)

select * from criticalities
