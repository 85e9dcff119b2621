select * from {{ lake('usgs_outlook', 'gas_volume') }}
where {{ known_by_as_of() }}
