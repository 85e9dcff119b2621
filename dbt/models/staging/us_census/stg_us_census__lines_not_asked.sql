select * from {{ lake('us_census', 'line_not_asked') }}
where {{ known_by_as_of() }}
