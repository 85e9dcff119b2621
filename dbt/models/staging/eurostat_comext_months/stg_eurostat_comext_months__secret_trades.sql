select * from {{ lake('eurostat_comext_months', 'secret_trade') }}
where {{ known_by_as_of() }}
