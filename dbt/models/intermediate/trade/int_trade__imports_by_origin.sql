{#-
    What everybody imports from everybody, by numbers: countries and blocs as importers, countries and two
    blocs (China with Hong Kong and Macao; the EU's 27) as origins, on single lines and pooled by mineral and
    stage. `is_inside`: both ends lie in the importing bloc. Sums are of whole dollars, kilograms and grams. Stages
    at which a line's flows are shipped are kept by their first and last place in the order of stages; a
    pool has one.
-#}
{%- set measures = [
    'value_usd', 'quantity_kg', 'contained_g', 'contained_low_g', 'contained_high_g', 'outlier_kg',
    'value_weighed_usd', 'value_contained_usd'
] %}
with

flows as {{ inline_cte() }} (

    select
        *,
        case when is_unit_value_outlier then quantity_kg end as outlier_kg,
        case when quantity_kg is not null then value_usd end as value_weighed_usd,
        case when contained_g is not null then value_usd end as value_contained_usd
    from {{ ref('int_trade__measured_flows') }}
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
        {%- for measure in measures %}
        flows.{{ measure }},
        {%- endfor %}
        cast(stages.stage_order as tinyint) as first_stage_order,
        cast(stages.stage_order as tinyint) as last_stage_order,
        flows.is_suspected_double_count as has_double_count,
        flows.is_code_drift
    from flows
    inner join series on flows.line_number = series.series_number
    inner join stages on flows.stage = stages.stage
    where series.series_level = 'hs6' and not series.is_partial_partners

),

-- A shipment that stands under two codes is pooled once. Two thirds of the pools are one line of
-- BACI, which has one flow between two countries: there is nothing to sum.
flows_of_pools as {{ inline_cte() }} (

    select
        flows.*,
        series_by_year.line_count = 1 and flows.trader_codes is not null as is_alone
    from flows
    inner join series_by_year
        on
            flows.pool_number = series_by_year.series_number
            and flows.reference_year = series_by_year.reference_year
    where
        not flows.is_code_drift
        and not flows.is_suspected_double_count
        and (series_by_year.is_current_series or series_by_year.is_kept_beside)

),

pooled_flows as (

    select
        {%- for measure in measures %}
        {{ measure }},
        {%- endfor %}
        pool_number,
        reference_year,
        importer_number,
        exporter_number
    from flows_of_pools
    where is_alone
    union all
    select
        {%- for measure in measures %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {%- endfor %}
        pool_number,
        reference_year,
        importer_number,
        exporter_number
    from flows_of_pools
    where not is_alone
    group by pool_number, reference_year, importer_number, exporter_number

),

by_country as (

    select * from single_lines
    union all
    select
        pool_number as series_number,
        reference_year,
        importer_number,
        exporter_number,
        {%- for measure in measures %}
        {{ measure }},
        {%- endfor %}
        cast(null as tinyint) as first_stage_order,
        cast(null as tinyint) as last_stage_order,
        false as has_double_count,
        false as is_code_drift
    from pooled_flows

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
