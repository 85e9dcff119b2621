{#-
    Every trade graph that is looked through: a mineral's stage of the reviewed list, pooled and line by line,
    and the ores and intermediates that feed its refineries (`role` feed). Each once with all countries apart,
    and once for every bloc that is asked about, its members one node. `base_number` is the graph with all
    countries apart, `feed_graph_number` that of the ores behind a traded one.
    `unnamed_rest_g` is what the source of a graph's output leaves unnamed, at the most: the world's total less
    the named, or the row of all others where that is more, and half a unit of the total's second significant
    digit where the total is rounded. Whom the source does not name makes something between nothing and this.
    Null where there is no total.
-#}
with

{{ look_through_cells(is_answered=true) }},

{{ look_through_outputs() }},

series as (select * from {{ ref('int_trade__series') }}),

current_series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),

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
        current_series.series_number as pool_number,
        current_series.series_id,
        current_series.edition,
        current_series.line_count
    from cells
    inner join current_series
        on
            {{ same_key('cells', 'current_series', ['mineral_id', 'stage', 'reference_year']) }}
            and current_series.series_level = 'mineral_stage'

),

bases as (

    select
        'traded' as role,
        mineral_id,
        stage,
        reference_year,
        'mineral_stage' as series_level,
        cast(null as string) as hs6,
        series_id,
        pool_number,
        pool_number as series_number,
        measure,
        cast(null as string) as feed_factor_key
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
        cast(null as string) as feed_factor_key
    from pools
    inner join series as line
        on
            {{ same_key('pools', 'line', ['series_id', 'edition', 'mineral_id', 'stage']) }}
            and line.series_level = 'hs6'
    where pools.line_count > 1
    union all
    select
        'feed' as role,
        mineral_id,
        stage,
        reference_year,
        'mineral_stage' as series_level,
        cast(null as string) as hs6,
        cast(null as string) as series_id,
        cast(null as smallint) as pool_number,
        cast(null as smallint) as series_number,
        measure,
        feed_factor_key
    from cells
    where feed_source_id is not null

),

numbered_graphs as (

    select
        cast(
            row_number() over (
                order by
                    schemes.bloc_id, bases.mineral_id, bases.stage, bases.reference_year,
                    bases.role, bases.series_level, coalesce(bases.hs6, '')
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

),

rests as (

    select
        source_id,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        world_total_tonnes,
        greatest(
            world_total_tonnes - coalesce(named_total_tonnes, 0), coalesce(rest_tonnes, 0), 0
        )
        + case
            when is_total_unrounded then 0
            else 0.5 * power(10, floor(log10(world_total_tonnes)) - 1)
        end as rest_tonnes
    from {{ ref('int_production__world_totals') }}
    where statistic = 'production' and is_current_edition and world_total_tonnes > 0

),

unnamed_rests as (

    select
        cells.role,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        cast(
            round(
                rests.rest_tonnes
                -- Where the shares are put on another source's total, so is what they leave.
                * case
                    when cells.total_source_id is null then 1
                    else worlds.world_total_tonnes / rests.world_total_tonnes
                end
                * 1000000
            ) as bigint
        ) as unnamed_rest_g
    from output_cells as cells
    inner join rests
        on
            {{ same_key('cells', 'rests', [
                'source_id', 'mineral_id', 'form', 'basis', 'reference_year',
            ]) }}
            and cells.produced_stage = rests.stage
    left join rests as worlds
        on
            {{ same_key('cells', 'worlds', ['mineral_id', 'reference_year']) }}
            and cells.total_source_id = worlds.source_id
            and cells.total_stage = worlds.stage
            and cells.total_form = worlds.form
            and cells.total_basis = worlds.basis

)

select
    graphs.*,
    feed.graph_number as feed_graph_number,
    unnamed_rests.unnamed_rest_g
from numbered_graphs as graphs
left join numbered_graphs as feed
    on
        graphs.role = 'traded'
        and feed.role = 'feed'
        and graphs.mineral_id = feed.mineral_id
        and graphs.stage = feed.stage
        and graphs.reference_year = feed.reference_year
        and graphs.bloc_number = feed.bloc_number
left join unnamed_rests
    on {{ same_key('graphs', 'unnamed_rests', ['role', 'mineral_id', 'stage', 'reference_year']) }}
