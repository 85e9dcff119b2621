select * from {{ lake('iea_critical_minerals', 'supply_outlook') }}
where {{ known_by_as_of() }}
