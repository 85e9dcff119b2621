with

prices as (

    select * from {{ lake('world_bank_pink_sheet', 'commodity_price') }}

)

select * from prices
