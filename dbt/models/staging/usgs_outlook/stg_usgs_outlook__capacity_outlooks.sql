select * from {{ lake('usgs_outlook', 'capacity_outlook') }}
where {{ known_by_as_of() }}
