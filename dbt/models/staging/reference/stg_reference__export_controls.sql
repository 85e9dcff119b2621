select * from {{ lake('reference', 'export_control') }}
where {{ known_by_as_of('announced_on') }}
