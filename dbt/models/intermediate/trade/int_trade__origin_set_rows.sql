{#-
    Origins of one set, each set once. Metal is kept as a factor, and as what differs from tonnes times it: nothing,
    but where goods of several factors, or rounded figures, are summed.
-#}
with

imports as {{ inline_cte() }} (

    select * from {{ ref('int_trade__imports_by_origin') }}

),

importer_years as (

    select * from {{ ref('int_trade__importer_years') }}
    where importer_year_number = origin_set_number

),

series_years as (select * from {{ ref('int_trade__series_by_year') }}),
factors as (select * from {{ ref('stg_reference__contained_factors') }}),

used_factors as (
    {%- for number in ['line_number', 'pool_number'] %}
    select
        {{ number }} as series_number,
        reference_year,
        contained_factor_key
    from {{ ref('int_trade__measured_flows') }}
    where is_current_edition and contained_factor_key is not null
    group by {{ number }}, reference_year, contained_factor_key
    {{ 'union' if not loop.last }}
    {%- endfor %}

),

-- Factors of each series and year; the first stands for rows that none explains.
series_factors as (

    select
        used_factors.series_number,
        used_factors.reference_year,
        factors.*,
        count(*) over same_series as factor_count,
        min(factors.factor_number) over same_series as first_factor_number
    from used_factors
    inner join factors on used_factors.contained_factor_key = factors.factor_key
    window same_series as (partition by used_factors.series_number, used_factors.reference_year)

),

row_factors as (

    select
        imports.series_number,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        min(series_factors.factor_number) as factor_number
    from imports
    inner join series_factors
        on
            imports.series_number = series_factors.series_number
            and imports.reference_year = series_factors.reference_year
            and series_factors.factor_count > 1
            {%- for bound in ['', '_low', '_high'] %}
            and imports.{{ 'contained' ~ bound }}_g
            = {{ contained_g('imports.quantity_kg', 'series_factors.factor' ~ bound) }}
            {%- endfor %}
    group by
        imports.series_number, imports.reference_year, imports.importer_number,
        imports.origin_number

),

stages as (select * from {{ ref('stg_reference__stages') }}),

share_ranges as (

    select
        series_number,
        reference_year,
        importer_number,
        origin_number,
        min(quantity_share) as quantity_share_low,
        max(quantity_share) as quantity_share_high
    from {{ ref('int_trade__shares_at_corners') }}
    group by series_number, reference_year, importer_number, origin_number

),

-- Ranked before anything is joined: a window carries all columns through its sort.
ranked_imports as (

    select
        importer_years.origin_set_number,
        importer_years.series_year_number,
        imports.series_number,
        imports.reference_year,
        imports.importer_number,
        imports.origin_number,
        imports.value_usd,
        imports.quantity_kg,
        imports.contained_g,
        imports.contained_low_g,
        imports.contained_high_g,
        imports.first_stage_order,
        imports.last_stage_order,
        imports.is_ranked,
        imports.is_inside,
        imports.is_code_drift,
        imports.has_double_count,
        imports.value_weighed_usd,
        imports.value_contained_usd,
        coalesce(
            imports.outlier_kg > {{ threshold('outlier_quantity_share') }} * imports.quantity_kg,
            false
        ) as has_outliers,
        rank() over (
            partition by importer_years.origin_set_number
            order by imports.is_ranked desc, imports.value_usd desc
        ) as place
    from imports
    inner join importer_years
        on
            {{ same_key('imports', 'importer_years', [
                'series_number', 'reference_year', 'importer_number',
            ]) }}

)

select
    imports.origin_set_number,
    imports.origin_number,
    imports.value_usd,
    imports.quantity_kg,
    factors.factor_number,
    {%- for bound in ['', '_low', '_high'] %}
    imports.{{ 'contained' ~ bound }}_g
    - {{ contained_g('imports.quantity_kg', 'factors.factor' ~ bound) }}
        as contained{{ bound }}_beside_factor_g,
    {%- endfor %}
    case when imports.is_ranked then cast(imports.place as smallint) end as origin_rank,
    imports.is_inside,
    imports.is_code_drift,
    imports.has_double_count,
    imports.has_outliers,
    {{ is_weighed_by('imports', "series_years.quantity_basis = 'gross'") }} as is_weighed,
    nullif(stages.stage, series_years.stage) as other_stage,
    coalesce(imports.first_stage_order <> imports.last_stage_order, false) as has_several_stages,
    share_ranges.quantity_share_low,
    share_ranges.quantity_share_high
from ranked_imports as imports
inner join series_years
    on imports.series_year_number = series_years.series_year_number
left join stages
    on
        imports.first_stage_order = stages.stage_order
        and imports.last_stage_order = stages.stage_order
left join share_ranges
    on
        {{ same_key('imports', 'share_ranges', [
            'series_number', 'reference_year', 'importer_number', 'origin_number',
        ]) }}
left join row_factors
    on
        {{ same_key('imports', 'row_factors', [
            'series_number', 'reference_year', 'importer_number', 'origin_number',
        ]) }}
left join series_factors
    on
        imports.series_number = series_factors.series_number
        and imports.reference_year = series_factors.reference_year
        and series_factors.factor_number = series_factors.first_factor_number
left join factors
    on
        coalesce(row_factors.factor_number, series_factors.first_factor_number)
        = factors.factor_number
-- What has no share comes last: behind a null DuckDB 1.5.5 may take a smaller one for the largest.
order by imports.origin_set_number, imports.is_inside, imports.origin_number
