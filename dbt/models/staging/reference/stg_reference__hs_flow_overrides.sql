with

hs_flow_overrides as (

    select * from {{ lake('reference', 'hs_flow_override') }}

)

select * from hs_flow_overrides
