select * from {{ lake('usgs_mcs_us', 'export_control_t4') }}
where {{ known_by_as_of() }}
