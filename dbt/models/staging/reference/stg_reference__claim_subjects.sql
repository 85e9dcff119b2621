select * from {{ lake('reference', 'claim_subject') }}
