select * from {{ lake('reference', 'critical_list_member') }}
