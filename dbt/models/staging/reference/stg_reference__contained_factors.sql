select * from {{ lake('reference', 'contained_factor') }}
