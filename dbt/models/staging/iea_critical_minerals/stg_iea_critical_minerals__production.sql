select * from {{ lake('iea_critical_minerals', 'production') }}
where {{ known_by_as_of() }}
