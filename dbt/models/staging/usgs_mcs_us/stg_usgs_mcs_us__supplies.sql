select * from {{ lake('usgs_mcs_us', 'us_supply') }}
where {{ known_by_as_of() }}
