with

governances as (

    select * from {{ lake('world_bank_wgi', 'governance') }}

)

select * from governances
