select * from {{ lake('reference', 'export_control_mineral') }}
