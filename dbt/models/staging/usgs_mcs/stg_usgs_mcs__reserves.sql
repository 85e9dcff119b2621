select * from {{ lake('usgs_mcs', 'reserve') }}
where {{ known_by_as_of() }}
