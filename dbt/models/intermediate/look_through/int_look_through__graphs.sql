{#-
    Every trade graph that is looked through: a mineral's stage of the reviewed list, pooled and line by line,
    and the ores and intermediates that feed its refineries (`role` feed). Each once with all countries apart,
    and once for every bloc that is asked about, its members one node. `base_number` is the graph with all
    countries apart.
-#}
with

cells as (

    select * from {{ ref('look_through_cell') }}
    where null_reason is null

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

schemes as (

    select distinct
        bloc_number,
        bloc_id
    from members
    where bloc_id in ('EU27', 'G7', 'MEETING_2026_01_12')
    union all
    select
        cast(0 as smallint) as bloc_number,
        '' as bloc_id

),

pools as (

    select
        cells.*,
        series.series_number as pool_number,
        series.series_id,
        series.edition,
        series.line_count
    from cells
    inner join series
        on
            cells.mineral_id = series.mineral_id
            and cells.stage = series.stage
            and series.series_level = 'mineral_stage'
    inner join chosen
        on
            series.series_number = chosen.series_number
            and cells.reference_year = chosen.reference_year

),

bases as (

    select
        'traded' as role,
        mineral_id,
        stage,
        reference_year,
        'mineral_stage' as series_level,
        cast(null as varchar) as hs6,
        series_id,
        pool_number,
        pool_number as series_number,
        measure,
        cast(null as varchar) as feed_factor_key
    from pools
    union all
    -- A pool of one line is that line.
    select
        'traded' as role,
        pools.mineral_id,
        pools.stage,
        pools.reference_year,
        'hs6' as series_level,
        line.hs6,
        pools.series_id,
        pools.pool_number,
        line.series_number,
        pools.measure,
        cast(null as varchar) as feed_factor_key
    from pools
    inner join series as line
        on
            pools.series_id = line.series_id
            and pools.edition = line.edition
            and pools.mineral_id = line.mineral_id
            and pools.stage = line.stage
            and line.series_level = 'hs6'
    where pools.line_count > 1
    union all
    select
        'feed' as role,
        mineral_id,
        stage,
        reference_year,
        'mineral_stage' as series_level,
        cast(null as varchar) as hs6,
        cast(null as varchar) as series_id,
        cast(null as smallint) as pool_number,
        cast(null as smallint) as series_number,
        measure,
        feed_factor_key
    from cells
    where feed_source_id is not null

)

select
    cast(
        row_number() over (
            order by
                schemes.bloc_id, bases.mineral_id, bases.stage, bases.reference_year, bases.role,
                bases.series_level, coalesce(bases.hs6, '')
        ) as integer
    ) as graph_number,
    cast(
        dense_rank() over (
            order by
                bases.mineral_id, bases.stage, bases.reference_year, bases.role,
                bases.series_level, coalesce(bases.hs6, '')
        ) as integer
    ) as base_number,
    schemes.bloc_number,
    schemes.bloc_id,
    bases.role,
    bases.mineral_id,
    bases.stage,
    cast(bases.reference_year as smallint) as reference_year,
    bases.series_level,
    bases.hs6,
    bases.series_id,
    bases.pool_number,
    bases.series_number,
    bases.measure,
    bases.feed_factor_key
from bases
cross join schemes
