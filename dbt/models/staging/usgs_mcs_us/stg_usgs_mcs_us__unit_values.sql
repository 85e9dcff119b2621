select * from {{ lake('usgs_mcs_us', 'unit_value') }}
where {{ known_by_as_of() }}
