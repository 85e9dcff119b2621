{#-
    Shares of contained tonnes in pools of several lines, had the factors that are known as a range only been
    those of a corner: a combination of their lowest and highest. A share rises or falls with each factor alone,
    so that its extremes lie at these corners. One factor holds for all goods under its key, whoever ships it.
-#}
{%- set keys = range(1, 5) %}
with

series as (select * from {{ ref('int_trade__series') }}),
members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),
factors as (select * from {{ ref('stg_reference__contained_factors') }}),

pools as (

    select * from {{ ref('int_trade__series_by_year') }}
    where
        series_level = 'mineral_stage'
        and line_count > 1
        and (is_current_series or is_kept_beside)

),

flows as (

    select
        flows.pool_number,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        flows.quantity_kg,
        flows.contained_g,
        flows.contained_factor_key,
        factors.factor_low,
        factors.factor_high,
        coalesce(factors.factor_low < factors.factor_high, false) as is_ranged
    from {{ ref('int_trade__measured_flows') }} as flows
    inner join pools
        on
            flows.pool_number = pools.series_number
            and flows.reference_year = pools.reference_year
    left join factors on flows.contained_factor_key = factors.factor_key
    where
        flows.is_current_edition
        and not flows.is_code_drift
        and not flows.is_suspected_double_count

),

used_keys as (

    select distinct
        pool_number,
        contained_factor_key,
        factor_low,
        factor_high
    from flows
    where is_ranged

),

numbered_keys as (

    select
        *,
        row_number() over (partition by pool_number order by contained_factor_key) as key_number
    from used_keys

),

ranges as (

    select
        {%- for number in keys %}
        max(case when key_number = {{ number }} then factor_low end) as low_{{ number }},
        max(case when key_number = {{ number }} then factor_high end) as high_{{ number }},
        {%- endfor %}
        pool_number
    from numbered_keys
    group by pool_number

),

corners as (

    select
        ranges.pool_number,
        {%- for number in keys %}
        coalesce(
            case
                when side_{{ number }}.is_high = 1 then ranges.high_{{ number }}
                else ranges.low_{{ number }}
            end,
            0
        ) as factor_{{ number }},
        {%- endfor %}
        side_1.is_high + 2 * side_2.is_high + 4 * side_3.is_high + 8 * side_4.is_high as corner
    from ranges
    cross join (values (0), (1)) as side_1 (is_high)
    cross join (values (0), (1)) as side_2 (is_high)
    cross join (values (0), (1)) as side_3 (is_high)
    cross join (values (0), (1)) as side_4 (is_high)
    where
        (ranges.low_1 is not null or side_1.is_high = 0)
        and (ranges.low_2 is not null or side_2.is_high = 0)
        and (ranges.low_3 is not null or side_3.is_high = 0)
        and (ranges.low_4 is not null or side_4.is_high = 0)

),

by_country as (

    select
        flows.pool_number as series_number,
        flows.reference_year,
        flows.importer_number,
        flows.exporter_number,
        cast(sum(flows.contained_g) as bigint) as contained_g,
        {%- for number in keys %}
        cast(
            sum(
                case
                    when used.key_number = {{ number }} and flows.contained_g is not null
                        then flows.quantity_kg
                end
            ) as bigint
        ) as ranged_{{ number }}_kg,
        {%- endfor %}
        cast(sum(case when not flows.is_ranged then flows.contained_g end) as bigint) as fixed_g
    from flows
    inner join ranges on flows.pool_number = ranges.pool_number
    left join numbered_keys as used
        on {{ same_key('flows', 'used', ['pool_number', 'contained_factor_key']) }}
    group by
        flows.pool_number, flows.reference_year, flows.importer_number, flows.exporter_number

),

{{ imports_by_party({
    'contained_g': 'sum',
    'fixed_g': 'sum',
    'ranged_1_kg': 'sum',
    'ranged_2_kg': 'sum',
    'ranged_3_kg': 'sum',
    'ranged_4_kg': 'sum',
}) }},

imports as (

    select * from by_party
    where not is_inside and contained_g is not null

),

totals as (

    select
        series_number,
        reference_year,
        importer_number,
        cast(sum(contained_g) as bigint) as contained_g,
        {%- for number in keys %}
        cast(sum(ranged_{{ number }}_kg) as bigint) as ranged_{{ number }}_kg,
        {%- endfor %}
        cast(sum(fixed_g) as bigint) as fixed_g
    from imports
    where not is_bloc_origin
    group by series_number, reference_year, importer_number

),

weighed_shares as (

    select
        imports.series_number,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        {%- for side in ['imports', 'totals'] %}
        (
            coalesce({{ side }}.fixed_g, 0)
            {%- for number in keys %}
            + coalesce({{ side }}.ranged_{{ number }}_kg, 0) * 1000 * corners.factor_{{ number }}
            {%- endfor %}
        ) as {{ side }}_g,
        {%- endfor %}
        corners.corner
    from imports
    inner join totals
        on
            imports.series_number = totals.series_number
            and imports.reference_year = totals.reference_year
            and imports.importer_number = totals.importer_number
    inner join corners on imports.series_number = corners.pool_number
    where totals.contained_g > 0

)

select
    series_number,
    reference_year,
    importer_number,
    origin_number,
    corner,
    imports_g / totals_g as quantity_share
from weighed_shares
where totals_g > 0
