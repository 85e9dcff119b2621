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
imported as (

    select
        series.mineral_id,
        series.stage,
        series.source_id,
        totals.importer_number,
        totals.reference_year,
        series.line_count > 1 and series.lines_without_factor > 0 as is_without_factor,
        coalesce(
            case
                when series.line_count = 1 then totals.value_weighed_usd
                else totals.value_contained_usd
            end >= {{ threshold('quantity_coverage_minimum') }} * totals.value_usd,
            false
        ) as is_measured
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
viewed as (

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

pooled as (

    select distinct
        mineral_id,
        stage
    from imported

),

-- Why nobody's imports are known. A stage without a line has no row here.
unanswered as (

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

found as (

    select
        mineral_id,
        stage,
        statistic,
        source_id,
        reference_year,
        cast(production_share is not null as integer) as has_share,
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
    from imported
    union all by name
    select
        mineral_id,
        stage,
        'import_dependency_tonnes' as statistic,
        source_id,
        reference_year,
        importer_number,
        cast(is_measured as integer) as has_share,
        1 as is_listed,
        case
            when is_measured then null
            when is_without_factor then 'no_contained_factor'
            else 'tonnage_not_published'
        end as null_reason
    from imported
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
    from viewed
    {%- endfor %}

),

counted as (

    select
        cells.mineral_id,
        cells.stage,
        cells.statistic,
        coalesce(max(found.has_share), 0) as has_figure,
        coalesce(max(found.is_listed), 0) as is_listed,
        count(distinct case when found.has_share = 1 then found.source_id end) as source_count,
        array_to_string(
            array_sort(
                array_agg(distinct found.source_id) filter (where found.has_share = 1)
            ),
            ','
        ) as source_ids,
        min(found.null_reason) as listed_reason,
        count(distinct case when found.has_share = 1 then found.importer_number end)
            as importer_count,
        count(distinct case when found.has_share = 1 then found.reference_year end) as year_count,
        min(case when found.has_share = 1 then found.reference_year end) as first_year,
        max(case when found.has_share = 1 then found.reference_year end) as last_year,
        sum(found.has_share) as figure_count
    from cells
    left join found
        on {{ same_key('cells', 'found', ['mineral_id', 'stage', 'statistic']) }}
    group by cells.mineral_id, cells.stage, cells.statistic

),

explained as (

    select
        counted.mineral_id,
        counted.stage,
        counted.statistic,
        counted.has_figure = 1 as has_figure,
        counted.source_count,
        coalesce(counted.figure_count, 0) as figure_count,
        counted.first_year,
        counted.last_year,
        case
            when counted.has_figure = 1 then null
            when counted.is_listed = 1
                then coalesce(counted.listed_reason, 'listed_without_a_figure')
            when
                counted.statistic like 'dependency_view%' and pooled.mineral_id is not null
                then 'not_looked_through'
            when
                counted.statistic not like 'import_dependency%'
                and counted.statistic not like 'dependency_view%'
                then 'no_source_of_ours_publishes_it'
            when lines_known.mineral_id is null then 'no_hs_line'
            else coalesce(unanswered.null_reason, 'line_not_held')
        end as null_reason,
        -- Of a view without known imports the trade is missing, of any other the production.
        case
            when counted.statistic like 'us_%' then 'us'
            when counted.statistic like 'eu_%' then 'eu_recycling'
            when counted.statistic like 'import_dependency%' then 'trade'
            when counted.statistic not like 'dependency_view%' then 'supply'
            when pooled.mineral_id is null then 'trade'
            else 'supply'
        end as question,
        case
            when
                counted.statistic like 'import_dependency%'
                or counted.statistic like 'dependency_view%'
                then counted.importer_count
        end as importer_count,
        counted.year_count,
        -- Of no source: DuckDB gives null, Spark an empty list.
        nullif(counted.source_ids, '') as source_ids
    from counted
    left join unanswered
        on counted.mineral_id = unanswered.mineral_id and counted.stage = unanswered.stage
    left join pooled
        on counted.mineral_id = pooled.mineral_id and counted.stage = pooled.stage
    left join lines_known
        on counted.mineral_id = lines_known.mineral_id and counted.stage = lines_known.stage

),

-- Pages of each cell, the most particular first: mineral and stage, stage, mineral, any.
pages as (

    select
        explained.mineral_id,
        explained.stage,
        explained.statistic,
        page.publisher,
        page.page_url,
        row_number() over (
            partition by explained.mineral_id, explained.stage, explained.statistic
            order by (page.asked_stage = 'any') asc, (page.asked_mineral = 'any') asc
        ) as page_order
    from explained
    inner join {{ ref('stg_reference__figure_pages') }} as page
        on
            explained.question = page.question
            and page.asked_mineral in (explained.mineral_id, 'any')
            and page.asked_stage in (explained.stage, 'any')

),

final as (

    select
        explained.*,
        pages.publisher as page_publisher,
        pages.page_url
    from explained
    inner join pages
        on
            {{ same_key('explained', 'pages', ['mineral_id', 'stage', 'statistic']) }}
            and pages.page_order = 1

)

{{ contract_columns() }}
order by mineral_id, stage, statistic
