select * from {{ lake('reference', 'mineral') }}
