select * from {{ lake('reference', 'export_control_t4') }}
