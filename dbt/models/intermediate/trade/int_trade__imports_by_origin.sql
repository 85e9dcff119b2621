{#-
    What everybody imports from everybody, by numbers: countries and blocs as importers, countries and two
    blocs (China with Hong Kong and Macao; the EU's 27) as origins, on single lines and pooled by mineral and
    stage. `is_inside`: both ends lie in the importing bloc. Sums are of whole dollars, kilograms and grams. Stages
    at which a line's flows are shipped are kept by their first and last place in the order of stages; a
    pool has one.
-#}
with

flows as (

    select * from {{ ref('int_trade__measured_flows') }}
    where is_current_edition

),

series as (select * from {{ ref('int_trade__series') }}),
series_by_year as (select * from {{ ref('int_trade__series_by_year') }}),
members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),
stages as (select * from {{ ref('stg_reference__stages') }}),

single_lines as (

    select
        flows.line_number as series_number,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        flows.value_usd,
        flows.quantity_kg,
        flows.contained_g,
        flows.contained_low_g,
        flows.contained_high_g,
        case when flows.is_unit_value_outlier then flows.quantity_kg end as outlier_kg,
        case when flows.quantity_kg is not null then flows.value_usd end as value_weighed_usd,
        case when flows.contained_g is not null then flows.value_usd end as value_contained_usd,
        cast(stages.stage_order as tinyint) as first_stage_order,
        cast(stages.stage_order as tinyint) as last_stage_order,
        flows.is_suspected_double_count as has_double_count,
        flows.is_code_drift
    from flows
    inner join series on flows.line_number = series.series_number
    inner join stages on flows.stage = stages.stage
    where series.series_level = 'hs6' and not series.is_partial_partners

),

-- A shipment that stands under two codes is pooled once.
pooled_flows as (

    select
        flows.pool_number as series_number,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        cast(sum(flows.value_usd) as bigint) as value_usd,
        cast(sum(flows.quantity_kg) as bigint) as quantity_kg,
        cast(sum(flows.contained_g) as bigint) as contained_g,
        cast(sum(flows.contained_low_g) as bigint) as contained_low_g,
        cast(sum(flows.contained_high_g) as bigint) as contained_high_g,
        cast(
            sum(case when flows.is_unit_value_outlier then flows.quantity_kg end) as bigint
        ) as outlier_kg,
        cast(
            sum(case when flows.quantity_kg is not null then flows.value_usd end) as bigint
        ) as value_weighed_usd,
        cast(
            sum(case when flows.contained_g is not null then flows.value_usd end) as bigint
        ) as value_contained_usd,
        cast(null as tinyint) as first_stage_order,
        cast(null as tinyint) as last_stage_order,
        false as has_double_count,
        false as is_code_drift
    from flows
    inner join series_by_year
        on
            flows.pool_number = series_by_year.series_number
            and flows.reference_year = series_by_year.reference_year
    where
        not flows.is_code_drift
        and not flows.is_suspected_double_count
        and (series_by_year.is_current_series or series_by_year.is_kept_beside)
    group by
        flows.pool_number, flows.reference_year, flows.importer_number, flows.exporter_number

),

by_country as (

    select * from single_lines
    union all
    select * from pooled_flows

),

{{ imports_by_party({
    'value_usd': 'sum',
    'quantity_kg': 'sum',
    'contained_g': 'sum',
    'contained_low_g': 'sum',
    'contained_high_g': 'sum',
    'outlier_kg': 'sum',
    'value_weighed_usd': 'sum',
    'value_contained_usd': 'sum',
    'first_stage_order': 'min',
    'last_stage_order': 'max',
    'has_double_count': 'bool_or',
    'is_code_drift': 'bool_or',
}) }}

select
    *,
    -- Countries are ranked among each other; blocs stand beside them.
    not is_bloc_origin and not is_inside and not is_code_drift as is_ranked
from by_party
