select * from {{ lake('eurostat_comext_months', 'line_not_asked') }}
where {{ known_by_as_of() }}
