select * from {{ lake('usgs_mcs_us', 'net_import_reliance') }}
where {{ known_by_as_of() }}
