with

minerals as (

    select mineral_id from {{ ref('stg_reference__minerals') }}

),

stages as (

    select
        stage,
        stage_order
    from {{ ref('stg_reference__stages') }}

),

production as (

    select * from {{ ref('int_production__shared') }}

),

reliance as (

    select * from {{ ref('int_reliance__edition_chosen') }}

),

views as (

    select 'production' as coverage_view
    union all
    select 'reserve' as coverage_view
    union all
    select 'capacity' as coverage_view
    union all
    select 'us_net_import_reliance' as coverage_view

),

-- Reserves are asked of mines, reliance of the mineral as consumed: other cells do not exist.
cells as (

    select
        minerals.mineral_id,
        stages.stage,
        views.coverage_view
    from minerals
    cross join stages
    cross join views
    where
        views.coverage_view in ('production', 'capacity')
        or (views.coverage_view = 'reserve' and stages.stage = 'mine')
        or (views.coverage_view = 'us_net_import_reliance' and stages.stage = 'refined')

),

found as (

    select
        mineral_id,
        stage,
        statistic as coverage_view,
        source_id,
        reference_year,
        cast(production_share is not null as integer) as has_share,
        1 as is_listed
    from production
    union all
    select
        mineral_id,
        'refined' as stage,
        'us_net_import_reliance' as coverage_view,
        source_id,
        reference_year,
        cast(
            net_import_reliance_share is not null
            or net_import_reliance_share_lower is not null
            or value_status = 'net_exporter'
            as integer
        ) as has_share,
        1 as is_listed
    from reliance

),

counted as (

    select
        cells.mineral_id,
        cells.stage,
        cells.coverage_view,
        coalesce(max(found.has_share), 0) as has_figure,
        coalesce(max(found.is_listed), 0) as is_listed,
        count(distinct case when found.has_share = 1 then found.source_id end) as source_count,
        min(case when found.has_share = 1 then found.reference_year end) as first_year,
        max(case when found.has_share = 1 then found.reference_year end) as last_year,
        sum(found.has_share) as figure_count
    from cells
    left join found
        on
            cells.mineral_id = found.mineral_id
            and cells.stage = found.stage
            and cells.coverage_view = found.coverage_view
    group by cells.mineral_id, cells.stage, cells.coverage_view

),

final as (

    select
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(coverage_view as varchar) as coverage_view,
        cast(has_figure = 1 as boolean) as has_figure,
        cast(source_count as integer) as source_count,
        cast(coalesce(figure_count, 0) as integer) as figure_count,
        cast(first_year as integer) as first_year,
        cast(last_year as integer) as last_year,
        cast(
            case
                when has_figure = 1 then null
                when is_listed = 1 then 'listed_without_a_figure'
                else 'no_source_of_ours_publishes_it'
            end as varchar
        ) as null_reason
    from counted

)

select * from final
order by mineral_id, stage, coverage_view
