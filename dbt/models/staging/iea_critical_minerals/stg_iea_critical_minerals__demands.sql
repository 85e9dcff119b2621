select * from {{ lake('iea_critical_minerals', 'demand') }}
where {{ known_by_as_of() }}
