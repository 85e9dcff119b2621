select * from {{ lake('eu_crm', 'criticality') }}
where {{ known_by_as_of() }}
