select * from {{ lake('reference', 'country_alias') }}
