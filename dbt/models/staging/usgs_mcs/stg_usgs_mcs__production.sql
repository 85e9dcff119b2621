select * from {{ lake('usgs_mcs', 'production') }}
where {{ known_by_as_of() }}
