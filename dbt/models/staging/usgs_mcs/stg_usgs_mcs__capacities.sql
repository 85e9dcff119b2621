select * from {{ lake('usgs_mcs', 'capacity') }}
where {{ known_by_as_of() }}
