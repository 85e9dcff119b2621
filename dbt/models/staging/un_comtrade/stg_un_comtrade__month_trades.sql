with

month_trades as (

    select * from {{ lake('un_comtrade', 'month_trade') }}
    where {{ known_by_as_of() }}

)

select * from month_trades
