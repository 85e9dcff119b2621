with

cases as (

    select * from {{ ref('int_diversification__comparison_cases') }}

),

compared as (

    select * from {{ ref('int_diversification__share_changes') }}

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

contradicted as (

    select * from {{ ref('int_trade__series_conflicts') }}

),

spans as (

    select distinct
        series_number,
        base_id,
        base_first_year,
        base_last_year,
        now_first_year,
        now_last_year
    from cases

),

-- Another series of the release tells otherwise for a year of either window.
conflicts as (

    select distinct
        spans.series_number,
        spans.base_id,
        contradicted.importer_number,
        contradicted.origin_number
    from spans
    inner join series on spans.series_number = series.series_number and series.hs6 is not null
    inner join contradicted on spans.series_number = contradicted.series_number
    where
        (
            contradicted.reference_year >= spans.base_first_year
            and contradicted.reference_year <= spans.base_last_year
        )
        or (
            contradicted.reference_year >= spans.now_first_year
            and contradicted.reference_year <= spans.now_last_year
        )

),

final as (

    select
        cast(importer.party_id as varchar) as importer_id,
        cast(importer.party_kind as varchar) as importer_kind,
        cast(series.series_level as varchar) as series_level,
        cast(series.hs6 as varchar) as hs6,
        cast(series.mineral_id as varchar) as mineral_id,
        cast(series.stage as varchar) as stage,
        cast(series.is_mixed_line as boolean) as is_mixed_line,
        cast(series.source_id as varchar) as source_id,
        cast(series.edition as varchar) as edition,
        cast(series.series_id as varchar) as series_id,
        cast(cases.base_id as varchar) as base_id,
        cast(cases.base_first_year as integer) as base_first_year,
        cast(cases.base_last_year as integer) as base_last_year,
        cast(cases.now_first_year as integer) as now_first_year,
        cast(cases.now_last_year as integer) as now_last_year,
        cast(cases.measure as varchar) as measure,
        cast(
            case
                when cases.measure = 'value' then 'US dollars'
                when cases.is_one_line then 'tonnes as shipped'
                else 'tonnes contained'
            end as varchar
        ) as unit,
        cast(origin.party_id as varchar) as origin_id,
        cast(origin.party_kind as varchar) as origin_kind,
        cast(compared.share_base as double) as share_base,
        cast(compared.share_now as double) as share_now,
        cast(compared.share_latest as double) as share_latest,
        cast(compared.share_change as double) as share_change,
        cast(compared.share_change_low as double) as share_change_low,
        cast(compared.share_change_high as double) as share_change_high,
        cast(compared.latest_change as double) as latest_change,
        cast(
            case
                when compared.share_now > 0 and compared.share_base > 0
                    then ln(compared.share_now / compared.share_base)
            end as double
        ) as ln_ratio,
        cast(compared.exit_effect as double) as exit_effect,
        cast(compared.growth_effect as double) as growth_effect,
        cast(compared.is_sign_consistent as boolean) as is_sign_consistent,
        cast(null as double) as edition_noise,
        {%- for column in ['own_base', 'own_now', 'others_base', 'others_now'] %}
        cast(
            compared.{{ column }}
            / case
                when cases.measure = 'value' then 1
                when cases.is_one_line then 1000
                else 1000000
            end as double
        ) as {{ column }},
        {%- endfor %}
        cast(compared.supplier_hhi_base as double) as supplier_hhi_base,
        cast(compared.supplier_hhi_now as double) as supplier_hhi_now,
        cast(compared.supplier_hhi_now - compared.supplier_hhi_base as double)
            as supplier_hhi_change,
        cast(1 / compared.supplier_hhi_base as double) as effective_suppliers_base,
        cast(1 / compared.supplier_hhi_now as double) as effective_suppliers_now,
        cast(cases.years_after_base as integer) as years_after_base,
        cast(
            case when cases.null_reason is null then cases.benchmark_change end as double
        ) as benchmark_change,
        cast(
            case when cases.null_reason is null then cases.benchmark_ratio end as double
        ) as benchmark_ratio,
        cast(compared.latest_change <= cases.benchmark_change as boolean) as is_at_benchmark,
        cast(
            compared.share_latest / nullif(compared.share_base, 0) <= cases.benchmark_ratio
            as boolean
        ) as is_at_benchmark_ratio,
        cast({{ quality_flags({
            'de_minimis': "compared.is_de_minimis",
            'grade_heterogeneous':
                "compared.origin_number is not null"
                ~ " and series.is_grade_heterogeneous",
            'lines_missing': "compared.origin_number is not null and series.has_missing_lines",
            'mixed_line': "compared.origin_number is not null and series.is_mixed_line",
            'series_conflict': "conflicts.series_number is not null",
            'none_recorded_base': "not compared.is_recorded_base",
            'none_recorded_latest': "not compared.is_recorded_latest",
            'none_recorded_now': "not compared.is_recorded_now",
            'suspected_double_count': "compared.has_double_count",
            'unit_value_outlier': "compared.has_outliers",
        }) }} as varchar) as quality_flags,
        cast(cases.null_reason as varchar) as null_reason,
        cast(coalesce(cases.null_reason, compared.null_reason) as varchar) as share_null_reason
    from cases
    left join compared
        on
            cases.series_number = compared.series_number
            and cases.base_id = compared.base_id
            and cases.importer_number = compared.importer_number
            and cases.measure = compared.measure
    left join conflicts
        on
            compared.series_number = conflicts.series_number
            and compared.base_id = conflicts.base_id
            and compared.importer_number = conflicts.importer_number
            and compared.origin_number = conflicts.origin_number
    inner join series on cases.series_number = series.series_number
    inner join parties as importer on cases.importer_number = importer.party_number
    left join parties as origin on compared.origin_number = origin.party_number

)

{{ with_names() }}
order by
    importer_id, series_level, mineral_id, stage, hs6, base_id, measure, origin_id
