select * from {{ lake('usgs_mcs_us', 'critical_mineral_t6') }}
where {{ known_by_as_of() }}
