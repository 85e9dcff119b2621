select * from {{ lake('reference', 'country') }}
