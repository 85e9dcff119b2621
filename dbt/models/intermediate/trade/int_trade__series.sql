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
    from {{ ref('int_trade__classified_flows') }}

),

partial as (

    select
        series_id,
        edition
    from {{ ref('stg_cepii_baci__series') }}
    where is_partial_partners

),

trade_series as (select * from {{ ref('trade_series') }}),

lines as (

    select distinct
        trade_series.line_level as series_level,
        flows.line_code,
        flows.hs6,
        flows.mineral_id,
        flows.line_stage as stage,
        flows.form,
        flows.source_id,
        flows.edition,
        flows.series_id,
        flows.hs_revision,
        flows.is_mixed_line,
        true as has_own_line
    from flows
    inner join trade_series on flows.series_id = trade_series.series_id

),

-- A pool holds the lines of its stage and what is shipped at its stage under other lines. Where it
-- has no line of its own (DR Congo's hydroxide, feed from Myanmar), it is what we see of the stage.
pooled_flows as (

    select
        *,
        line_stage as pool_stage,
        true as is_own_line
    from flows
    union all
    select
        *,
        stage as pool_stage,
        stage = line_stage as is_own_line
    from flows

),

pools as (

    select
        'mineral_stage' as series_level,
        '' as line_code,
        cast(null as string) as hs6,
        mineral_id,
        pool_stage as stage,
        cast(null as string) as form,
        source_id,
        edition,
        series_id,
        hs_revision,
        bool_or(is_mixed_line) as is_mixed_line,
        bool_or(is_own_line) as has_own_line
    from pooled_flows
    where is_exclusive
    group by mineral_id, pool_stage, source_id, edition, series_id, hs_revision

),

all_series as (

    select * from lines
    union all
    select * from pools

)

select
    all_series.*,
    cast(
        row_number() over (
            order by
                all_series.series_level, all_series.mineral_id, all_series.stage,
                all_series.line_code, all_series.series_id, all_series.edition
        ) as smallint
    ) as series_number,
    partial.series_id is not null as is_partial_partners,
    trade_series.priority,
    trade_series.importer_bloc_id,
    trade_series.is_of_importers_only,
    trade_series.has_world_exports,
    trade_series.is_kept_beside
from all_series
inner join trade_series on all_series.series_id = trade_series.series_id
left join partial
    on all_series.series_id = partial.series_id and all_series.edition = partial.edition
-- Of some countries' trade no share of anybody's imports can be taken.
where partial.series_id is null or all_series.series_level <> 'mineral_stage'
