with

flows as (select * from {{ ref('int_trade__measured_flows') }}),
series as (select * from {{ ref('int_trade__series') }}),
series_by_year as (select * from {{ ref('int_trade__series_by_year') }}),
factors as (select * from {{ ref('stg_reference__contained_factors') }}),

final as (

    select
        coalesce(
            flows.source_row_id,
            series.edition || ':' || series.series_id || ':'
            || cast(flows.reference_year as string) || ':' || series.hs6 || ':'
            || cast(cast(floor(flows.trader_codes / 1000) as integer) as string) || ':'
            || cast(flows.trader_codes % 1000 as string)
        ) as source_row_id,
        series.source_id,
        series.edition,
        series.series_id,
        flows.is_current_edition,
        coalesce(series_by_year.is_current_series, false) as is_current_series,
        coalesce(pool_by_year.is_current_series, false)
        and not flows.is_code_drift
        and not flows.is_suspected_double_count as is_counted_at_stage,
        series.hs_revision,
        series.line_code,
        series.hs6,
        series.mineral_id,
        flows.stage,
        series.form,
        series.is_mixed_line,
        exporter.party_id as exporter_id,
        exporter.party_name as exporter_name,
        importer.party_id as importer_id,
        importer.party_name as importer_name,
        flows.reference_year,
        flows.value_usd,
        flows.quantity_kg / 1000 as quantity_tonnes_gross,
        flows.quantity_status,
        {%- for bound in ['', '_low', '_high'] %}
        {{ contained_g('flows.quantity_kg', 'factors.factor' ~ bound) }} / 1000000
            as quantity_tonnes_contained{{ bound }},
        {%- endfor %}
        flows.contained_factor_key,
        flows.is_unit_value_outlier,
        flows.is_suspected_double_count,
        flows.double_count_evidence,
        flows.double_count_counterpart_hs6,
        {{ quality_flags({
            'code_drift': "flows.is_code_drift",
            'declared_by_exporter_only': "flows.declared_by = 'exporter'",
            'declared_by_importer_only': "flows.declared_by = 'importer'",
            'exporter_not_counted': "flows.outlier_side = 'exporter'",
            'freight_included': "flows.is_freight_included",
            'grade_heterogeneous': "flows.is_grade_heterogeneous",
            'importer_not_counted': "flows.outlier_side = 'importer'",
            'mirror_gap': "flows.has_mirror_gap",
            'mixed_line': "series.is_mixed_line",
            'partial_partners': "series.is_partial_partners",
            'quantity_estimated':
                "flows.is_quantity_estimated and flows.quantity_kg is not null",
            'series_break': "series_by_year.is_series_break",
            'suspected_double_count': "flows.is_suspected_double_count",
            'truncated_release': "flows.is_truncated_release",
            'unit_value_outlier': "flows.is_unit_value_outlier",
        }) }} as quality_flags
    from flows
    inner join series on flows.line_number = series.series_number
    left join series_by_year
        on
            flows.line_number = series_by_year.series_number
            and flows.reference_year = series_by_year.reference_year
    left join series_by_year as pool_by_year
        on
            flows.pool_number = pool_by_year.series_number
            and flows.reference_year = pool_by_year.reference_year
    left join factors on flows.contained_factor_key = factors.factor_key
    inner join {{ ref('int_trade__parties') }} as exporter
        on flows.exporter_number = exporter.party_number
    inner join {{ ref('int_trade__parties') }} as importer
        on flows.importer_number = importer.party_number

)

{{ contract_columns(named=['exporter_name', 'importer_name']) }}
