select * from {{ lake('reference', 'country_group_member') }}
