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

production as (select * from {{ ref('int_production__shares') }}),

views as (

    {%- for statistic in [
        'production', 'reserve', 'capacity', 'us_net_import_reliance', 'us_secondary_supply',
        'us_stock_cover', 'eu_recycling_input_rate', 'import_dependency_value',
        'import_dependency_tonnes', 'import_dependency_evidence',
        'dependency_view_declared_origin', 'dependency_view_refiner_origin',
        'dependency_view_mine_origin'
    ] %}
    select '{{ statistic }}' as statistic
    {{- ' union all' if not loop.last }}
    {%- endfor %}

),

series as (select * from {{ ref('int_trade__series_by_year') }}),

import_totals as (

    select * from {{ ref('int_trade__importer_years') }}
    where value_usd > 0

),

gaps as (select * from {{ ref('int_trade__missing_imports') }}),

-- Importers with a pooled series in a year: by value always, by tonnes where enough of it has them.
import_cells as (

    select
        series.mineral_id,
        series.stage,
        series.source_id,
        totals.importer_number,
        totals.reference_year,
        totals.value_weighed_usd > 0
        and series.line_count > 1
        and series.lines_without_factor > 0 as is_without_factor,
        coalesce(
            case
                when series.line_count = 1 then totals.value_weighed_usd
                else totals.value_contained_usd
            end / totals.value_usd,
            0
        ) as weighed_share
    from import_totals as totals
    inner join series
        on {{ same_key('totals', 'series', ['series_number', 'reference_year']) }}
    where series.series_level = 'mineral_stage' and series.is_current_series

),

-- Every source that says from whom an importer buys: trade series, current or beside it, and other
-- evidence with a figure. `mart_import_evidence` has them all, in order.
evidence as (

    select
        series.mineral_id,
        series.stage,
        series.source_id,
        totals.importer_number,
        totals.reference_year
    from import_totals as totals
    inner join series
        on {{ same_key('totals', 'series', ['series_number', 'reference_year']) }}
    where series.series_level = 'mineral_stage'
    union
    select
        known.mineral_id,
        known.stage,
        known.source_id,
        parties.party_number as importer_number,
        known.reference_year
    from {{ ref('int_evidence__import_shares') }} as known
    inner join {{ ref('int_trade__parties') }} as parties
        on known.importer_id = parties.party_id
    where known.is_answer

),

-- The three views of imports by mass, for everybody who is shown.
view_cells as (

    select
        questions.mineral_id,
        questions.stage,
        questions.party_number,
        questions.reference_year,
        series.source_id,
        questions.null_reason as declared_origin_null_reason,
        questions.refiner_null_reason as refiner_origin_null_reason,
        questions.mine_null_reason as mine_origin_null_reason
    from {{ ref('int_look_through__importer_cases') }} as questions
    left join series
        on {{ same_key('questions', 'series', ['series_number', 'reference_year']) }}
    where
        questions.series_level = 'mineral_stage'
        and questions.denominator = 'imports'
        and questions.measure <> 'value'

),

pooled_stages as (

    select distinct
        mineral_id,
        stage
    from import_cells

),

-- Why nobody's imports are known. A stage without a line has no row here.
unanswered_stages as (

    select
        mineral_id,
        stage,
        {{ gap_reason('null_reason') }} as null_reason
    from gaps
    group by mineral_id, stage

),

lines_known as (

    select distinct
        mineral_id,
        stage
    from {{ ref('stg_reference__hs_lines') }}

),

-- Reserves are asked of mines; reliance, recycling and stocks of the mineral as consumed: other
-- cells do not exist.
cells as (

    select
        minerals.mineral_id,
        stages.stage,
        views.statistic
    from minerals
    cross join stages
    cross join views
    where
        case
            when views.statistic = 'reserve' then stages.stage = 'mine'
            when views.statistic like 'us_%' or views.statistic like 'eu_%'
                then stages.stage = 'refined'
            else true
        end

),

found_figures as (

    select
        mineral_id,
        stage,
        statistic,
        source_id,
        reference_year,
        -- Of reserves the tonnes are a figure: the world's are often "more than" and give no share.
        cast(
            case
                when statistic = 'reserve' then quantity_tonnes is not null
                else production_share is not null
            end as integer
        ) as has_share,
        1 as is_listed
    from production
    {%- for statistic, model, has_share, null_reason in [
        ('us_net_import_reliance', 'stg_usgs_mcs_us__net_import_reliances',
         "coalesce(net_import_reliance_share, net_import_reliance_share_lower) is not null
            or value_status = 'net_exporter'", 'null'),
        ('us_secondary_supply', 'mart_secondary_supply',
         'recycled_share_upper is not null', 'null_reason'),
        ('us_stock_cover', 'mart_stock_cover',
         "stock_days_lower is not null and holder <> 'all'", 'null_reason'),
    ] %}
    union all by name
    select
        mineral_id,
        'refined' as stage,
        '{{ statistic }}' as statistic,
        source_id,
        reference_year,
        cast({{ has_share }} as integer) as has_share,
        1 as is_listed,
        {{ null_reason }} as null_reason
    from {{ ref(model) }}
    {%- endfor %}
    union all by name
    select
        mineral_id,
        stage,
        'import_dependency_value' as statistic,
        source_id,
        reference_year,
        importer_number,
        1 as has_share,
        1 as is_listed
    from import_cells
    union all by name
    select
        mineral_id,
        stage,
        'import_dependency_tonnes' as statistic,
        source_id,
        reference_year,
        importer_number,
        cast(
            weighed_share >= {{ threshold('quantity_coverage_minimum') }} as integer
        ) as has_share,
        1 as is_listed,
        case
            when weighed_share < {{ threshold('quantity_coverage_minimum') }}
                then {{ tonnage_null_reason('weighed_share', 'is_without_factor') }}
        end as null_reason
    from import_cells
    union all by name
    select
        mineral_id,
        stage,
        'import_dependency_evidence' as statistic,
        source_id,
        reference_year,
        importer_number,
        1 as has_share,
        1 as is_listed
    from evidence
    {%- for view in ['declared_origin', 'refiner_origin', 'mine_origin'] %}
    union all by name
    select
        mineral_id,
        stage,
        'dependency_view_{{ view }}' as statistic,
        source_id,
        reference_year,
        party_number as importer_number,
        cast({{ view }}_null_reason is null as integer) as has_share,
        1 as is_listed,
        {{ view }}_null_reason as null_reason
    from view_cells
    {%- endfor %}

),

cell_counts as (

    select
        cells.mineral_id,
        cells.stage,
        cells.statistic,
        coalesce(max(found_figures.has_share), 0) as has_figure,
        coalesce(max(found_figures.is_listed), 0) as is_listed,
        count(distinct case when found_figures.has_share = 1 then found_figures.source_id end)
            as source_count,
        array_to_string(
            array_sort(
                array_agg(distinct found_figures.source_id) filter (
                    where found_figures.has_share = 1
                )
            ),
            ','
        ) as source_ids,
        -- What one importer lacks says less than what lacks for all.
        coalesce(
            min(found_figures.null_reason) filter (
                where found_figures.null_reason not in ('no_imports_recorded', 'no_apparent_supply')
            ),
            min(found_figures.null_reason)
        ) as listed_reason,
        count(distinct case when found_figures.has_share = 1 then found_figures.importer_number end)
            as importer_count,
        count(
            distinct case when found_figures.has_share = 1 then found_figures.reference_year end
        ) as year_count,
        min(case when found_figures.has_share = 1 then found_figures.reference_year end)
            as first_year,
        max(case when found_figures.has_share = 1 then found_figures.reference_year end)
            as last_year,
        sum(found_figures.has_share) as figure_count
    from cells
    left join found_figures
        on {{ same_key('cells', 'found_figures', ['mineral_id', 'stage', 'statistic']) }}
    group by cells.mineral_id, cells.stage, cells.statistic

),

with_reasons as (

    select
        cell_counts.mineral_id,
        cell_counts.stage,
        cell_counts.statistic,
        cell_counts.has_figure = 1 as has_figure,
        cell_counts.source_count,
        coalesce(cell_counts.figure_count, 0) as figure_count,
        cell_counts.first_year,
        cell_counts.last_year,
        case
            when cell_counts.has_figure = 1 then null
            when cell_counts.is_listed = 1
                then coalesce(cell_counts.listed_reason, 'listed_without_a_figure')
            when
                cell_counts.statistic like 'dependency_view%'
                and pooled_stages.mineral_id is not null
                then 'not_looked_through'
            when
                cell_counts.statistic not like 'import_dependency%'
                and cell_counts.statistic not like 'dependency_view%'
                then 'no_source_of_ours_publishes_it'
            when lines_known.mineral_id is null then 'no_hs_line'
            else coalesce(unanswered_stages.null_reason, 'line_not_held')
        end as null_reason,
        -- Of a view without known imports the trade is missing, of any other the production.
        case
            when cell_counts.statistic like 'us_%' then 'us'
            when cell_counts.statistic like 'eu_%' then 'eu_recycling'
            when cell_counts.statistic like 'import_dependency%' then 'trade'
            when cell_counts.statistic not like 'dependency_view%' then 'supply'
            when pooled_stages.mineral_id is null then 'trade'
            else 'supply'
        end as question,
        case
            when
                cell_counts.statistic like 'import_dependency%'
                or cell_counts.statistic like 'dependency_view%'
                then cell_counts.importer_count
        end as importer_count,
        cell_counts.year_count,
        -- Of no source: DuckDB gives null, Spark an empty list.
        nullif(cell_counts.source_ids, '') as source_ids
    from cell_counts
    left join unanswered_stages
        on {{ same_key('cell_counts', 'unanswered_stages', ['mineral_id', 'stage']) }}
    left join pooled_stages
        on {{ same_key('cell_counts', 'pooled_stages', ['mineral_id', 'stage']) }}
    left join lines_known
        on cell_counts.mineral_id = lines_known.mineral_id and cell_counts.stage = lines_known.stage

),

-- Pages of each cell, the most particular first: mineral and stage, stage, mineral, any.
pages as (

    select
        with_reasons.mineral_id,
        with_reasons.stage,
        with_reasons.statistic,
        page.publisher,
        page.page_url,
        row_number() over (
            partition by with_reasons.mineral_id, with_reasons.stage, with_reasons.statistic
            order by (page.asked_stage = 'any') asc, (page.asked_mineral = 'any') asc
        ) as page_order
    from with_reasons
    inner join {{ ref('stg_reference__figure_pages') }} as page
        on
            with_reasons.question = page.question
            and page.asked_mineral in (with_reasons.mineral_id, 'any')
            and page.asked_stage in (with_reasons.stage, 'any')

),

final as (

    select
        with_reasons.*,
        pages.publisher as page_publisher,
        pages.page_url
    from with_reasons
    inner join pages
        on
            {{ same_key('with_reasons', 'pages', ['mineral_id', 'stage', 'statistic']) }}
            and pages.page_order = 1

)

{{ contract_columns() }}
order by mineral_id, stage, statistic
