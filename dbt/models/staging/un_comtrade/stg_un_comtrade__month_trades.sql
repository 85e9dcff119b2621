select * from {{ lake('un_comtrade', 'month_trade') }}
where {{ known_by_as_of() }}
