with

cases as (select * from {{ ref('int_diversification__comparison_cases') }}),
compared as (select * from {{ ref('int_diversification__share_changes') }}),
series as (select * from {{ ref('int_trade__series_by_year') }}),
parties as (select * from {{ ref('int_trade__parties') }}),
contradicted as (select * from {{ ref('int_trade__series_conflicts') }}),

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
    inner join series
        on
            spans.series_number = series.series_number
            and spans.now_last_year = series.reference_year
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
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        series.series_level,
        series.hs6,
        series.mineral_id,
        series.stage,
        series.is_mixed_line,
        series.source_id,
        series.edition,
        series.series_id,
        cases.base_id,
        cases.base_first_year,
        cases.base_last_year,
        cases.now_first_year,
        cases.now_last_year,
        cases.measure,
        case
            when cases.measure = 'value' then 'US dollars'
            when cases.is_one_line then 'tonnes as shipped'
            else 'tonnes contained'
        end as unit,
        origin.party_id as origin_id,
        origin.party_kind as origin_kind,
        compared.share_base,
        compared.share_now,
        compared.share_latest,
        compared.share_change,
        compared.share_change_low,
        compared.share_change_high,
        compared.latest_change,
        case
            when compared.share_now > 0 and compared.share_base > 0
                then ln(compared.share_now / compared.share_base)
        end as ln_ratio,
        compared.exit_effect,
        compared.growth_effect,
        compared.is_sign_consistent,
        null as edition_noise,
        {%- for column in ['own_base', 'own_now', 'others_base', 'others_now'] %}
        compared.{{ column }}
        / case
            when cases.measure = 'value' then 1
            when cases.is_one_line then 1000
            else 1000000
        end as {{ column }},
        {%- endfor %}
        compared.supplier_hhi_base,
        compared.supplier_hhi_now,
        compared.supplier_hhi_now - compared.supplier_hhi_base as supplier_hhi_change,
        1 / compared.supplier_hhi_base as effective_suppliers_base,
        1 / compared.supplier_hhi_now as effective_suppliers_now,
        cases.years_after_base,
        case when cases.null_reason is null then cases.benchmark_change end as benchmark_change,
        case when cases.null_reason is null then cases.benchmark_ratio end as benchmark_ratio,
        compared.latest_change <= cases.benchmark_change as is_at_benchmark,
        compared.share_latest / nullif(compared.share_base, 0) <= cases.benchmark_ratio
            as is_at_benchmark_ratio,
        {{ quality_flags({
            'de_minimis': "compared.is_de_minimis",
            'grade_heterogeneous':
                "compared.origin_number is not null"
                ~ " and series.is_grade_heterogeneous",
            'lines_missing': "compared.origin_number is not null and series.has_missing_lines",
            'mixed_line': "compared.origin_number is not null and series.is_mixed_line",
            'none_recorded_base': "not compared.is_recorded_base",
            'none_recorded_latest': "not compared.is_recorded_latest",
            'none_recorded_now': "not compared.is_recorded_now",
            'series_conflict': "conflicts.series_number is not null",
            'shipped_at_another_stage': "compared.is_at_another_stage",
            'suspected_double_count': "compared.has_double_count",
            'unit_value_outlier': "compared.has_outliers",
        }) }} as quality_flags,
        cases.null_reason,
        coalesce(cases.null_reason, compared.null_reason) as share_null_reason
    from cases
    left join compared
        on
            {{ same_key('cases', 'compared', [
                'series_number', 'base_id', 'importer_number', 'measure',
            ]) }}
    left join conflicts
        on
            {{ same_key('compared', 'conflicts', [
                'series_number', 'base_id', 'importer_number', 'origin_number',
            ]) }}
    inner join series
        on
            cases.series_number = series.series_number
            and cases.now_last_year = series.reference_year
    inner join parties as importer on cases.importer_number = importer.party_number
    left join parties as origin on compared.origin_number = origin.party_number

)

{{ contract_columns() }}
order by
    importer_id, series_level, mineral_id, stage, hs6, base_id, measure, origin_id
