{#-
    Every flow of every edition by numbers, with whether its edition is current, its goods stands under another line
    too, and its unit value is an outlier: beyond `unit_value_ratio` times the line's yardstick of the year, or below
    that part of it. The yardstick is the median by tonnes. A slip in tonnes must not be its own yardstick: a flow of
    more than half of the tonnes and less than half of the dollars has no weight in it. Where the median by tonnes
    still makes outliers of more than `outlier_value_share` of the dollars (several slips), dollars weigh, if the
    median by dollars makes outliers of fewer flows, or is nearer to the middle one of the medians by tonnes of all of
    the line's years.
    Yardstick and outliers are of flows above `unit_value_minimum_tonnes` of one stage: a parcel's price says
    nothing. Outliers are flagged and kept. Lines of many grades have none.
-#}
{%- set line_key = ['line_code', 'series_id', 'edition'] %}
{%- set yardstick_key = ['line_number', 'stage', 'reference_year'] %}
with

flows as {{ inline_cte() }} (

    select * from {{ ref('int_trade__classified_flows') }}

),

parties as (select * from {{ ref('int_trade__parties') }}),
series as (select * from {{ ref('int_trade__series') }}),
editions as (select * from {{ ref('int_trade__current_editions') }}),
repeated as (select * from {{ ref('int_trade__double_counts') }}),

large_shipments as (

    select
        line.series_number as line_number,
        flows.stage,
        flows.reference_year,
        flows.quantity_kg,
        flows.value_usd,
        flows.value_usd / flows.quantity_kg as unit_value
    from flows
    inner join series as line on {{ same_key('flows', 'line', line_key) }}
    where
        flows.quantity_kg > {{ threshold('unit_value_minimum_tonnes') }} * 1000
        and not flows.is_grade_heterogeneous
        and line.series_level <> 'mineral_stage'

),

with_all_shipments as (

    select
        *,
        sum(quantity_kg) over (partition by line_number, stage, reference_year) as all_kg,
        sum(value_usd) over (partition by line_number, stage, reference_year) as all_usd
    from large_shipments

),

weighed_shipments as (

    select
        *,
        case
            when quantity_kg * 2 > all_kg and value_usd * 2 < all_usd then 0
            else quantity_kg
        end as weight_kg
    from with_all_shipments

),

{{ weighted_medians('weighed_shipments', yardstick_key, 'unit_value', 'weight_kg') }},

{{ weighted_medians('weighed_shipments', yardstick_key, 'unit_value', 'value_usd', 'by_dollars') }},

measured_by_both as (

    select
        weighed_shipments.line_number,
        weighed_shipments.stage,
        weighed_shipments.reference_year,
        weighed_shipments.value_usd,
        medians.median_unit_value,
        by_dollars.median_unit_value as median_by_dollars,
        {{ is_far_off('weighed_shipments.unit_value', 'medians.median_unit_value') }} as is_far,
        {{ is_far_off('weighed_shipments.unit_value', 'by_dollars.median_unit_value') }}
            as is_far_by_dollars
    from weighed_shipments
    inner join medians on {{ same_key('weighed_shipments', 'medians', yardstick_key) }}
    inner join by_dollars on {{ same_key('weighed_shipments', 'by_dollars', yardstick_key) }}

),

both_medians as (

    select
        line_number,
        stage,
        reference_year,
        min(median_unit_value) as by_tonnes,
        min(median_by_dollars) as by_dollars,
        sum(case when is_far then value_usd else 0 end)
        > {{ threshold('outlier_value_share') }} * sum(value_usd) as is_most_far,
        sum(case when is_far_by_dollars then 1 else 0 end)
        < sum(case when is_far then 1 else 0 end) as has_fewer_far_by_dollars
    from measured_by_both
    group by line_number, stage, reference_year

),

usual_medians as (

    select
        line_number,
        stage,
        median(by_tonnes) as usual
    from both_medians
    group by line_number, stage

),

yardsticks as (

    select
        both_medians.line_number,
        both_medians.stage,
        both_medians.reference_year,
        case
            when
                both_medians.is_most_far
                and (
                    both_medians.has_fewer_far_by_dollars
                    or abs(ln(both_medians.by_dollars / usual_medians.usual))
                    < abs(ln(both_medians.by_tonnes / usual_medians.usual))
                )
                then both_medians.by_dollars
            else both_medians.by_tonnes
        end as unit_value
    from both_medians
    inner join usual_medians
        on {{ same_key('both_medians', 'usual_medians', ['line_number', 'stage']) }}

)

select
    line.series_number as line_number,
    pool.series_number as pool_number,
    editions.is_current_edition,
    flows.trader_codes,
    flows.source_row_id,
    exporter.party_number as exporter_number,
    importer.party_number as importer_number,
    flows.reference_year,
    flows.stage,
    flows.value_usd,
    flows.quantity_kg,
    flows.quantity_status,
    flows.contained_factor_key,
    flows.contained_g,
    flows.contained_low_g,
    flows.contained_high_g,
    flows.is_truncated_release,
    flows.declared_by,
    flows.is_freight_included,
    flows.is_quantity_estimated,
    flows.has_mirror_gap,
    flows.outlier_side,
    flows.is_code_drift,
    flows.is_grade_heterogeneous,
    repeated.hs6 is not null as is_suspected_double_count,
    repeated.evidence as double_count_evidence,
    repeated.counterpart_hs6 as double_count_counterpart_hs6,
    coalesce(
        flows.quantity_kg > {{ threshold('unit_value_minimum_tonnes') }} * 1000
        and {{ is_far_off('flows.value_usd / flows.quantity_kg', 'yardsticks.unit_value') }},
        false
    ) as is_unit_value_outlier
from flows
inner join editions
    on {{ same_key('flows', 'editions', ['series_id', 'edition', 'reference_year']) }}
inner join parties as exporter on flows.exporter_iso3 = exporter.party_id
inner join parties as importer on flows.importer_iso3 = importer.party_id
inner join series as line
    on
        {{ same_key('flows', 'line', line_key) }}
        and line.series_level <> 'mineral_stage'
left join series as pool
    -- Whoever is in no pool has none: as a condition of its own DuckDB would compare row by row.
    on
        case when flows.is_exclusive then flows.mineral_id end = pool.mineral_id
        and flows.stage = pool.stage
        and flows.series_id = pool.series_id
        and flows.edition = pool.edition
        and pool.series_level = 'mineral_stage'
left join repeated on {{ same_key('flows', 'repeated', flow_key()) }}
left join yardsticks
    on
        line.series_number = yardsticks.line_number
        and flows.stage = yardsticks.stage
        and flows.reference_year = yardsticks.reference_year
