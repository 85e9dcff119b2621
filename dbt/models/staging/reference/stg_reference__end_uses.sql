select * from {{ lake('reference', 'end_use') }}
