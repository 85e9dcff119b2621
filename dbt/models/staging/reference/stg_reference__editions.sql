select * from {{ lake('reference', 'edition') }}
where {{ known_by_as_of() }}
