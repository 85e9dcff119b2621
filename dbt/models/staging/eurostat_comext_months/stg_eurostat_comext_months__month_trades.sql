select * from {{ lake('eurostat_comext_months', 'month_trade') }}
where {{ known_by_as_of() }}
