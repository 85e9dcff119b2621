select * from {{ lake('usgs_outlook', 'capacity') }}
where {{ known_by_as_of() }}
