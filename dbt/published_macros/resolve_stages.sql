-- The stages of a mineral that are asked for, by `dim_name`: the one of this name; where none is given, or a year in its place (`asked_year`), all that have a customs line or another publisher's shares; where none has, all there are. A group of which only the parts are traded, like graphite, is an error that names them. Arguments: mineral, stage (codes or names).
create macro critical_minerals.marts.resolve_stages(mineral, supply_stage) as table
with question as materialized (
    select
        critical_minerals.marts.resolve_name('mineral', mineral) as mineral_id,
        critical_minerals.marts.resolve_name(
            'stage', case when try_cast(supply_stage as integer) is null then supply_stage end
        ) as stage,
        try_cast(supply_stage as integer) as asked_year
),

stages_known as (
    select
        question.mineral_id,
        question.stage as asked_stage,
        question.asked_year,
        stages.stage,
        stages.stage_order,
        bool_or(
            coverage.has_figure
            or coverage.statistic = 'import_dependency_value' and coverage.null_reason <> 'no_hs_line'
        ) as is_traded
    from question
    cross join critical_minerals.marts.dim_stage as stages
    inner join critical_minerals.marts.mart_coverage as coverage
        on
            question.mineral_id = coverage.mineral_id
            and stages.stage = coverage.stage
            and coverage.statistic in ('import_dependency_value', 'import_dependency_evidence')
    group by question.mineral_id, question.stage, question.asked_year, stages.stage, stages.stage_order
),

any_traded as (
    select bool_or(is_traded) as is_traded from stages_known
),

parts as (
    select string_agg(concat(part.mineral_name, ' (', part.mineral_id, ')'), ', ' order by part.mineral_id) as names
    from question
    inner join critical_minerals.marts.dim_mineral as part on question.mineral_id = part.parent_mineral_id
    where part.mineral_id in (
        select coverage.mineral_id
        from critical_minerals.marts.mart_coverage as coverage
        where coverage.statistic = 'import_dependency_value' and coverage.null_reason is distinct from 'no_hs_line'
    )
)

select
    stages_known.mineral_id,
    stages_known.stage,
    stages_known.stage_order,
    stages_known.asked_year
from stages_known, any_traded, parts
where
    case
        when not any_traded.is_traded and parts.names is not null
            then error(concat('No trade is known of ', stages_known.mineral_id, ' as a whole. Ask for ', parts.names, '.'))
        when stages_known.asked_stage is not null then stages_known.stage = stages_known.asked_stage
        else stages_known.is_traded or not any_traded.is_traded
    end;
