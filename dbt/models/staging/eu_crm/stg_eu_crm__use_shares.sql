select * from {{ lake('eu_crm', 'use_share') }}
where {{ known_by_as_of() }}
