select * from {{ lake('usgs_outlook', 'production') }}
where {{ known_by_as_of() }}
