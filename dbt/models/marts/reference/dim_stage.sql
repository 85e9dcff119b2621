with

stages as (select * from {{ ref('stg_reference__stages') }})

select
    cast(stage as string) as stage,
    cast(stage_order as integer) as stage_order,
    cast(stage_name as string) as stage_name,
    cast(stage_description as string) as stage_description
from stages
order by stage_order
