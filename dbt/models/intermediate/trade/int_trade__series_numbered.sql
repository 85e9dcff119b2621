{#-
    A small number for every series that shares are taken in: each line of each publisher's series
    (`hs6`, `cn8`), and each mineral and stage pooled over the lines of one series (`mineral_stage`). Lines of
    two series are never pooled: HS2002's unwrought tantalum lies inside HS1992's line of another code.
-#}
with

flows as (

    select distinct
        source_id,
        edition,
        series_id,
        hs_revision,
        line_code,
        hs6,
        mineral_id,
        stage,
        line_stage,
        form,
        is_exclusive,
        is_mixed_line
    from {{ ref('int_trade__flow_classified') }}

),

partial as (

    select series_id
    from {{ ref('stg_cepii_baci__series') }}
    where is_partial_partners

),

lines as (

    select distinct
        case when series_id = 'comext_cn8' then 'cn8' else 'hs6' end as series_level,
        line_code,
        hs6,
        mineral_id,
        line_stage as stage,
        form,
        source_id,
        edition,
        series_id,
        hs_revision,
        is_mixed_line
    from flows

),

-- A pool needs a line of its own at the stage: of DR Congo's hydroxide alone no share of anybody's
-- intermediate cobalt can be taken. It holds what is shipped at its stage under other lines too.
pools as (

    select
        'mineral_stage' as series_level,
        '' as line_code,
        cast(null as varchar) as hs6,
        mineral_id,
        stage,
        cast(null as varchar) as form,
        source_id,
        edition,
        series_id,
        hs_revision,
        bool_or(is_mixed_line) as is_mixed_line
    from flows
    where is_exclusive
    group by mineral_id, stage, source_id, edition, series_id, hs_revision
    having bool_or(stage = line_stage)

),

all_series as (

    select * from lines
    union all
    select * from pools

)

select
    cast(
        row_number() over (
            order by
                all_series.series_level, all_series.mineral_id, all_series.stage,
                all_series.line_code, all_series.series_id
        ) as smallint
    ) as series_number,
    all_series.series_level,
    all_series.line_code,
    all_series.hs6,
    all_series.mineral_id,
    all_series.stage,
    all_series.form,
    all_series.source_id,
    all_series.edition,
    all_series.series_id,
    all_series.hs_revision,
    all_series.is_mixed_line,
    partial.series_id is not null as is_partial_partners
from all_series
left join partial on all_series.series_id = partial.series_id
-- Of some countries' trade no share of anybody's imports can be taken.
where partial.series_id is null or all_series.series_level <> 'mineral_stage'
