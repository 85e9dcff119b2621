with

stages as (

    select * from {{ ref('stg_reference__stages') }}

)

select
    cast(stage as varchar) as stage,
    cast(stage_order as integer) as stage_order,
    cast(stage_name as varchar) as stage_name,
    cast(stage_description as varchar) as stage_description
from stages
order by stage_order
