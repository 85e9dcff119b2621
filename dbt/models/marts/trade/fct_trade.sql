with

flows as (

    select * from {{ ref('int_trade__measured_flows') }}

),

series as (

    select * from {{ ref('int_trade__series') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}

),

factors as (

    select * from {{ ref('int_trade__contained_factors') }}

),

final as (

    select
        cast(
            coalesce(
                flows.source_row_id,
                series.edition || ':' || series.series_id || ':'
                || cast(flows.reference_year as varchar) || ':' || series.hs6 || ':'
                || cast(cast(floor(flows.trader_codes / 1000) as integer) as varchar) || ':'
                || cast(flows.trader_codes % 1000 as varchar)
            ) as varchar
        ) as source_row_id,
        cast(series.source_id as varchar) as source_id,
        cast(series.edition as varchar) as edition,
        cast(series.series_id as varchar) as series_id,
        cast(flows.is_current_edition as boolean) as is_current_edition,
        cast(coalesce(chosen.is_current_series, false) as boolean) as is_current_series,
        cast(series.hs_revision as varchar) as hs_revision,
        cast(series.line_code as varchar) as line_code,
        cast(series.hs6 as varchar) as hs6,
        cast(series.mineral_id as varchar) as mineral_id,
        cast(flows.stage as varchar) as stage,
        cast(series.form as varchar) as form,
        cast(series.is_mixed_line as boolean) as is_mixed_line,
        cast(exporter.party_id as varchar) as exporter_id,
        cast(exporter.party_name as varchar) as exporter_name,
        cast(importer.party_id as varchar) as importer_id,
        cast(importer.party_name as varchar) as importer_name,
        cast(flows.reference_year as integer) as reference_year,
        cast(flows.value_usd as double) as value_usd,
        cast(flows.quantity_kg / 1000 as double) as quantity_tonnes_gross,
        cast(flows.quantity_status as varchar) as quantity_status,
        cast(
            {{ contained_g('flows.quantity_kg', 'factors.factor') }} / 1000000 as double
        ) as quantity_tonnes_contained,
        cast(
            {{ contained_g('flows.quantity_kg', 'factors.factor_low') }} / 1000000 as double
        ) as quantity_tonnes_contained_low,
        cast(
            {{ contained_g('flows.quantity_kg', 'factors.factor_high') }} / 1000000 as double
        ) as quantity_tonnes_contained_high,
        cast(flows.contained_factor_key as varchar) as contained_factor_key,
        cast(flows.is_unit_value_outlier as boolean) as is_unit_value_outlier,
        cast(flows.is_suspected_double_count as boolean) as is_suspected_double_count,
        flows.double_count_evidence,
        flows.double_count_counterpart_hs6,
        cast({{ quality_flags({
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
            'series_break': "chosen.is_series_break",
            'suspected_double_count': "flows.is_suspected_double_count",
            'truncated_release': "flows.is_truncated_release",
            'unit_value_outlier': "flows.is_unit_value_outlier",
        }) }} as varchar) as quality_flags
    from flows
    inner join series on flows.line_number = series.series_number
    left join chosen
        on
            flows.line_number = chosen.series_number
            and flows.reference_year = chosen.reference_year
    left join factors on flows.contained_factor_key = factors.factor_key
    inner join {{ ref('int_trade__parties') }} as exporter
        on flows.exporter_number = exporter.party_number
    inner join {{ ref('int_trade__parties') }} as importer
        on flows.importer_number = importer.party_number

)

{{ contract_columns(named=['exporter_name', 'importer_name']) }}
