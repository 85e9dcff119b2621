select * from {{ lake('usitc_dataweb', 'us_trade') }}
where {{ known_by_as_of() }}
