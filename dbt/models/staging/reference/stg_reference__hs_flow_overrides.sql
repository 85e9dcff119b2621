select * from {{ lake('reference', 'hs_flow_override') }}
