select * from {{ lake('_template', 'output') }}
where {{ known_by_as_of() }}
