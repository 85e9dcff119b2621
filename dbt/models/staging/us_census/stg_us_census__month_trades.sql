with

month_trades as (

    select * from {{ lake('us_census', 'month_trade') }}
    where {{ known_by_as_of() }}

)

select * from month_trades
