select * from {{ lake('reference', 'stage') }}
