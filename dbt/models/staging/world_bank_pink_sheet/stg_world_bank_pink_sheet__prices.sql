select * from {{ lake('world_bank_pink_sheet', 'commodity_price') }}
where {{ known_by_as_of() }}
