select * from {{ lake('reference', 'area_member') }}
