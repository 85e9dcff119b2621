{#-
    How much of an importer's purchases each control's item touches, whatever its status: the mean of the
    yearly shares of the three years before it took effect, and the latest year.
-#}
with

controls as (

    select * from {{ ref('fct_export_control') }}
    where mineral_id is not null

),

imports as (select * from {{ ref('int_controls__imports_in_scope') }}),

series as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

latest as (

    select {{ newest_trade_year() }} as latest_year from series

),

year_imports as (

    select
        imports.event_id,
        imports.item,
        imports.importer_number,
        imports.reference_year,
        series.series_level,
        series.hs6,
        series.mineral_id,
        series.stage,
        series.series_id,
        imports.is_inside,
        -- A series of the largest partners alone says nothing of those that it does not name.
        not imports.is_inside
        and (imports.is_recorded or not series.is_truncated_release) as is_answered,
        imports.is_at_another_stage,
        imports.has_double_count,
        imports.has_outliers,
        imports.is_contradicted,
        imports.is_recorded,
        series.is_grade_heterogeneous,
        series.has_missing_lines,
        series.is_mixed_line,
        series.is_truncated_release,
        series.quantity_basis,
        series.lines_without_factor,
        imports.total_usd,
        imports.total_kg,
        imports.low_usd,
        imports.high_usd,
        case
            when series.quantity_basis = 'gross'
                then coalesce(imports.value_weighed_usd, 0) / imports.total_usd
            else coalesce(imports.value_contained_usd, 0) / imports.total_usd
        end as quantity_coverage_share,
        case
            when series.quantity_basis = 'gross'
                then imports.total_kg / 1000
            else imports.total_g / 1000000
        end as total_tonnes,
        case
            when series.quantity_basis = 'gross' then imports.low_kg / 1000
            else imports.low_g / 1000000
        end as low_tonnes,
        case
            when series.quantity_basis = 'gross' then imports.high_kg / 1000
            else imports.high_g / 1000000
        end as high_tonnes,
        -- Some of it has tonnes, and too little to tell a share.
        case
            when series.quantity_basis = 'gross' then imports.has_kg and imports.high_kg is null
            else imports.has_g and imports.high_g is null
        end as is_partly_weighed
    from imports
    inner join series
        on {{ same_key('imports', 'series', ['series_number', 'reference_year']) }}

),

year_shares as (

    select
        year_imports.*,
        year_imports.reference_year = latest.latest_year as is_latest,
        year_imports.reference_year < controls.effect_year
        and year_imports.reference_year >= controls.effect_year - 3 as is_before,
        case
            when year_imports.is_answered then year_imports.low_usd / year_imports.total_usd
        end as value_low,
        case
            when year_imports.is_answered then year_imports.high_usd / year_imports.total_usd
        end as value_high,
        case
            when
                year_imports.is_answered
                and year_imports.quantity_coverage_share
                >= {{ threshold('quantity_coverage_minimum') }}
                then year_imports.low_tonnes / year_imports.total_tonnes
        end as quantity_low,
        case
            when
                year_imports.is_answered
                and year_imports.quantity_coverage_share
                >= {{ threshold('quantity_coverage_minimum') }}
                then year_imports.high_tonnes / year_imports.total_tonnes
        end as quantity_high,
        case
            when
                year_imports.is_answered
                and year_imports.quantity_coverage_share
                < {{ threshold('quantity_coverage_minimum') }}
                then
                    {{ tonnage_null_reason(
                        'year_imports.quantity_coverage_share',
                        "year_imports.quantity_basis = 'contained'"
                        ~ ' and year_imports.lines_without_factor > 0'
                        ~ ' and year_imports.total_kg is not null',
                    ) }}
            when year_imports.is_answered and year_imports.is_partly_weighed
                then 'tonnage_partly_published'
        end as tonnage_reason
    from year_imports
    inner join controls
        on year_imports.event_id = controls.event_id and year_imports.item = controls.item
    cross join latest

)

-- A year without a share is not in the mean; one in which nothing came from there has a share of 0,
-- but where the series names the largest partners alone.
select
    event_id,
    item,
    importer_number,
    series_level,
    hs6,
    mineral_id,
    stage,
    bool_or(is_inside) as is_inside,
    max(case when is_latest then series_id end) as latest_series_id,
    min(case when is_before and value_high is not null then reference_year end)
        as first_year_before,
    max(case when is_before and value_high is not null then reference_year end)
        as last_year_before,
    count(case when is_before then value_high end) as years_before,
    {{ exact_sum('case when is_before then value_low end') }}
    / nullif(count(case when is_before then value_low end), 0) as value_share_before_low,
    {{ exact_sum('case when is_before then value_high end') }}
    / nullif(count(case when is_before then value_high end), 0) as value_share_before_high,
    max(case when is_latest then value_low end) as value_share_latest_low,
    max(case when is_latest then value_high end) as value_share_latest_high,
    -- Where all that is recorded lacks its tonnes, the years without it are no mean of 0.
    {%- for end in ['low', 'high'] %}
    case
        when
            bool_or(is_recorded and is_before)
            and {{ exact_sum('case when is_before then quantity_high end') }} = 0
            then null
        else
            {{ exact_sum('case when is_before then quantity_' ~ end ~ ' end') }}
            / nullif(count(case when is_before then quantity_{{ end }} end), 0)
    end as quantity_share_before_{{ end }},
    {%- endfor %}
    max(case when is_latest then quantity_low end) as quantity_share_latest_low,
    max(case when is_latest then quantity_high end) as quantity_share_latest_high,
    -- Of years for different reasons the one that has most.
    max(case when is_before then tonnage_reason end) as tonnage_reason_before,
    max(case when is_latest then tonnage_reason end) as tonnage_reason_latest,
    max(quantity_basis) as quantity_basis,
    cast(
        sum(case when is_before and value_high is not null then high_usd end) as double
    )
    / nullif(count(case when is_before then value_high end), 0) as value_usd_before,
    max(case when is_latest and value_high is not null then high_usd end)
        as value_usd_latest,
    case
        when
            bool_or(is_recorded and is_before)
            and {{ exact_sum('case when is_before then quantity_high end') }} = 0
            then null
        else
            {{ exact_sum(
                'case when is_before and quantity_high is not null then high_tonnes end'
            ) }}
            / nullif(count(case when is_before then quantity_high end), 0)
    end as quantity_tonnes_before,
    max(case when is_latest and quantity_high is not null then high_tonnes end)
        as quantity_tonnes_latest,
    max(coalesce(total_usd, 0)) < {{ threshold('de_minimis_usd') }} as is_de_minimis,
    -- Of a year without an answer no caveat is told: it is in no figure.
    bool_or(is_at_another_stage and is_answered) as is_at_another_stage,
    bool_or(has_double_count and is_answered) as has_double_count,
    bool_or(has_outliers and is_answered) as has_outliers,
    bool_or(is_contradicted and is_answered) as is_contradicted,
    count(
        distinct case when value_high is not null and (is_before or is_latest) then series_id end
    ) > 1 as has_series_break,
    bool_or(is_before and not is_inside and not is_answered) as is_unnamed_before,
    bool_or(is_latest and not is_inside and not is_answered) as is_unnamed_latest,
    bool_or(is_recorded and is_before) as is_recorded_before,
    bool_or(is_recorded and is_latest) as is_recorded_latest,
    bool_or(is_grade_heterogeneous and is_answered) as is_grade_heterogeneous,
    bool_or(has_missing_lines and is_answered) as has_missing_lines,
    bool_or(is_mixed_line and is_answered) as is_mixed_line,
    bool_or(is_truncated_release and is_answered) as is_truncated_release
from year_shares
group by event_id, item, importer_number, series_level, hs6, mineral_id, stage
