-- A year's average is known when the year is over.
select * from {{ lake('eurostat_comext', 'exchange_rate') }}
where {{ known_by_as_of('make_date(reference_year + 1, 1, 1)') }}
