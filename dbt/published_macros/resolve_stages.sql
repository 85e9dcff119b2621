-- The stages that are asked for, by `dim_name`: the one of this name; where none is given, or a year in its place, all. Argument: stage (code or name).
create macro critical_minerals.marts.resolve_stages(supply_stage) as table
with asked as materialized (
    select
        critical_minerals.marts.resolve_name(
            'stage', case when try_cast(supply_stage as integer) is null then supply_stage end
        ) as stage
)

select
    stages.stage,
    stages.stage_order
from asked
inner join critical_minerals.marts.dim_stage as stages on coalesce(asked.stage, stages.stage) = stages.stage;
