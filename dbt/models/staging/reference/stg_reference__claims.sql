select * from {{ lake('reference', 'claim') }}
