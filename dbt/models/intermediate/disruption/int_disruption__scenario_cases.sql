{#-
    Every scenario asked of every mineral and stage that it names, in three views: by declared partner, by who
    made it, by who mined it. With the part of the supplier's deliveries that is cut, the part of a year that
    it lasts, and the reason where a view has no answer.
-#}
with

-- Eurostat's series has no tonnes, and knows what the EU's members buy and nobody else.
series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where series_level = 'mineral_stage' and importer_bloc_id is null and is_current_series

),

newest as (

    select max(reference_year) as reference_year from series

),

-- Where the seed names no year, the newest of trade.
scenarios as (

    select
        seeded.scenario_id,
        seeded.supplier_id,
        seeded.target_id,
        seeded.mineral_id,
        seeded.stage,
        seeded.duration_days,
        seeded.leakage,
        coalesce(seeded.reference_year, newest.reference_year) as reference_year,
        coalesce(seeded.depth, 1 - seeded.cut_to_tonnes / seeded.cut_from_tonnes) as cut_share,
        seeded.duration_days / 365 as year_share
    from {{ ref('disruption_scenario') }} as seeded
    cross join newest

),

{{ look_through_cells() }},

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where bloc_number = 0 and series_level = 'mineral_stage'

),

parties as (select * from {{ ref('int_trade__parties') }}),
gaps as (select * from {{ ref('int_trade__missing_imports') }}),

-- As of a day before the source came out, nobody is named.
known_graphs as (

    select graph_number
    from {{ ref('int_look_through__edges') }}
    group by graph_number
    having bool_or(is_named)

),

years as (

    select distinct reference_year from scenarios

),

unanswered_stages as (

    select
        gaps.mineral_id,
        gaps.stage,
        gaps.reference_year,
        {{ gap_reason('gaps.null_reason') }} as null_reason
    from gaps
    inner join years on gaps.reference_year = years.reference_year
    group by gaps.mineral_id, gaps.stage, gaps.reference_year

),

pooled_series as (

    select
        series.mineral_id,
        series.stage,
        series.reference_year,
        series.series_number,
        series.source_id,
        series.series_id,
        series.edition,
        series.line_count,
        series.has_missing_lines,
        case
            when series.is_truncated_release then 'truncated_release'
            when series.line_count > 1 and series.lines_without_factor > 0
                then 'no_contained_factor'
        end as null_reason
    from series
    inner join years on series.reference_year = years.reference_year

),

answers as (

    select
        coalesce(pooled_series.mineral_id, unanswered_stages.mineral_id) as mineral_id,
        coalesce(pooled_series.stage, unanswered_stages.stage) as stage,
        coalesce(pooled_series.reference_year, unanswered_stages.reference_year) as reference_year,
        pooled_series.series_number,
        pooled_series.source_id,
        pooled_series.series_id,
        pooled_series.edition,
        pooled_series.line_count,
        coalesce(pooled_series.has_missing_lines, false) as has_missing_lines,
        case
            when pooled_series.series_number is null
                then coalesce(unanswered_stages.null_reason, 'year_not_held')
            else pooled_series.null_reason
        end as null_reason
    from pooled_series
    full outer join unanswered_stages
        on
            {{ same_key(
                'pooled_series', 'unanswered_stages', ['mineral_id', 'stage', 'reference_year']
            ) }}

),

views as (

    select 'declared_origin' as origin_view
    union all
    select 'refiner_origin' as origin_view
    union all
    select 'mine_origin' as origin_view

),

cases as (

    select
        scenarios.scenario_id,
        scenarios.supplier_id,
        scenarios.target_id,
        scenarios.cut_share,
        scenarios.duration_days,
        scenarios.year_share,
        scenarios.leakage,
        answers.mineral_id,
        answers.stage,
        answers.reference_year,
        answers.series_number,
        answers.source_id,
        answers.series_id,
        answers.edition,
        answers.has_missing_lines,
        coalesce(answers.null_reason, target_gaps.null_reason) as null_reason,
        views.origin_view,
        traded.graph_number,
        traded.base_number,
        traded.feed_graph_number,
        cells.production_source_id,
        cells.production_form,
        cells.production_basis,
        case
            when cells.null_reason is null and cells.measure is not null then cells.measure
            when answers.line_count = 1 then 'gross'
            else 'contained'
        end as quantity_basis,
        case
            when coalesce(answers.null_reason, target_gaps.null_reason) is not null
                then coalesce(answers.null_reason, target_gaps.null_reason)
            when cells.mineral_id is null then 'not_looked_through'
            when cells.null_reason is not null then cells.null_reason
            when cells.production_source_id is null then cells.refiner_null_reason
            when traded.graph_number is null then 'year_not_held'
            when known_traded.graph_number is null then 'production_not_published'
            when cells.is_wider_than_lines then 'production_wider_than_lines'
        end as closed_null_reason,
        cells.refiner_null_reason,
        case
            when cells.mine_null_reason is not null then cells.mine_null_reason
            when traded.feed_graph_number is not null and known_feed.graph_number is null
                then 'production_not_published'
        end as mine_null_reason
    from scenarios
    inner join answers
        on
            scenarios.reference_year = answers.reference_year
            and (scenarios.mineral_id is null or scenarios.mineral_id = answers.mineral_id)
            and (scenarios.stage is null or scenarios.stage = answers.stage)
    cross join views
    left join gaps as target_gaps
        on
            scenarios.target_id = target_gaps.importer_id
            and answers.mineral_id = target_gaps.mineral_id
            and answers.stage = target_gaps.stage
            and answers.reference_year = target_gaps.reference_year
    left join cells
        on {{ same_key('answers', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    left join graphs as traded
        on
            {{ same_key('answers', 'traded', ['mineral_id', 'stage', 'reference_year']) }}
            and traded.role = 'traded'
    left join known_graphs as known_traded on traded.graph_number = known_traded.graph_number
    left join known_graphs as known_feed on traded.feed_graph_number = known_feed.graph_number

)

select
    cast(
        row_number() over (
            order by cases.scenario_id, cases.mineral_id, cases.stage, cases.origin_view
        ) as integer
    ) as question_number,
    cases.scenario_id,
    cases.supplier_id,
    supplier.party_number as supplier_number,
    cases.target_id,
    target.party_number as target_number,
    cases.mineral_id,
    cases.stage,
    cast(cases.reference_year as smallint) as reference_year,
    cases.origin_view,
    cases.cut_share,
    cases.duration_days,
    cases.year_share,
    cases.leakage,
    cases.cut_share * cases.year_share * (1 - cases.leakage) as loss_factor,
    cases.series_number,
    cases.source_id,
    cases.series_id,
    cases.edition,
    cases.has_missing_lines,
    cases.quantity_basis,
    case when cases.closed_null_reason is null then cases.graph_number end as graph_number,
    case when cases.closed_null_reason is null then cases.base_number end as base_number,
    case when cases.closed_null_reason is null then cases.feed_graph_number end
        as feed_graph_number,
    cases.production_source_id,
    cases.production_form,
    cases.production_basis,
    case
        when cases.null_reason is not null then cases.null_reason
        when cases.origin_view = 'declared_origin' then null
        when cases.closed_null_reason is not null then cases.closed_null_reason
        when cases.origin_view = 'refiner_origin' then cases.refiner_null_reason
        else cases.mine_null_reason
    end as null_reason,
    cases.closed_null_reason as consumption_null_reason
from cases
inner join parties as supplier on cases.supplier_id = supplier.party_id
left join parties as target on cases.target_id = target.party_id
