select * from {{ lake('reference', 'source') }}
