select * from {{ lake('usgs_mcs_us', 'trade_agreement_t5') }}
where {{ known_by_as_of() }}
