select * from {{ lake('reference', 'hs_line') }}
