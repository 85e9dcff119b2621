with

declarations as (

    select * from {{ lake('un_comtrade', 'declaration') }}

)

select * from declarations
