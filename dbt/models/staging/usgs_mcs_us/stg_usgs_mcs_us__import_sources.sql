select * from {{ lake('usgs_mcs_us', 'us_import_source') }}
where {{ known_by_as_of() }}
