select * from {{ lake('reference', 'byproduct_host') }}
