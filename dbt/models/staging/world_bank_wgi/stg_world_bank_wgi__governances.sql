select * from {{ lake('world_bank_wgi', 'governance') }}
where {{ known_by_as_of() }}
