{#-
    Every flow of every edition by numbers, with whether its edition is current, its goods stands under another line
    too, and its unit value is an outlier: beyond `unit_value_ratio` times the line's quantity-weighted median of the year, or below that part of it.
    Median and outliers are of flows above `unit_value_minimum_tonnes` of one stage: a parcel's price says
    nothing. Outliers are flagged and kept. Lines of many grades have none.
-#}
{%- set line_key = ['line_code', 'series_id', 'edition'] %}
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
        flows.value_usd / flows.quantity_kg as unit_value
    from flows
    inner join series as line on {{ same_key('flows', 'line', line_key) }}
    where
        flows.quantity_kg > {{ threshold('unit_value_minimum_tonnes') }} * 1000
        and not flows.is_grade_heterogeneous
        and line.series_level <> 'mineral_stage'

),

{{ weighted_medians(
    'large_shipments', ['line_number', 'stage', 'reference_year'], 'unit_value', 'quantity_kg'
) }}

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
        and abs(ln(flows.value_usd / flows.quantity_kg / medians.median_unit_value))
        > ln({{ threshold('unit_value_ratio') }}),
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
left join medians
    on
        line.series_number = medians.line_number
        and flows.stage = medians.stage
        and flows.reference_year = medians.reference_year
