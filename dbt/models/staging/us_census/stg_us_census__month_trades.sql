select * from {{ lake('us_census', 'month_trade') }}
where {{ known_by_as_of() }}
