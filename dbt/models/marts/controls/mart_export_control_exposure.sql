with

dates as (

    select * from {{ ref('control_date') }}

),

slices as (

    select * from {{ ref('fct_export_control_slice') }}

),

weights as (

    select * from {{ ref('int_controls__exposures') }}

),

on_dates as (

    select
        dates.on_date,
        slices.*
    from dates
    inner join slices
        on
            dates.on_date >= slices.valid_from
            and dates.on_date < coalesce(slices.valid_to, cast('9999-12-31' as date))

),

final as (

    select
        on_dates.on_date,
        weights.event_id,
        weights.item,
        on_dates.status,
        on_dates.imposing_iso3,
        on_dates.target_id,
        on_dates.instrument,
        weights.importer_id,
        weights.importer_kind,
        weights.series_level,
        weights.hs6,
        weights.mineral_id,
        weights.stage,
        weights.scope,
        weights.verification,
        weights.first_year_before,
        weights.last_year_before,
        weights.years_before,
        weights.latest_year,
        weights.latest_series_id,
        weights.value_share_before_low,
        weights.value_share_before_high,
        weights.value_share_latest_low,
        weights.value_share_latest_high,
        weights.quantity_share_before_low,
        weights.quantity_share_before_high,
        weights.quantity_share_latest_low,
        weights.quantity_share_latest_high,
        weights.quantity_basis,
        weights.value_usd_before,
        weights.value_usd_latest,
        weights.quantity_tonnes_before,
        weights.quantity_tonnes_latest,
        {{ quality_flags({
            'de_minimis': "weights.is_de_minimis",
            'grade_heterogeneous': "weights.is_grade_heterogeneous",
            'lines_missing': "weights.has_missing_lines",
            'mixed_line': "weights.is_mixed_line",
            'none_recorded_before': "weights.years_before > 0 and not weights.is_recorded_before",
            'none_recorded_latest':
                "weights.value_share_latest_high is not null"
                ~ " and not weights.is_recorded_latest",
            'scope_from_memory': "weights.is_scope_from_memory",
            'shipped_at_another_stage': "weights.is_at_another_stage",
            'suspected_double_count': "weights.has_double_count",
            'truncated_release': "weights.is_truncated_release",
            'unit_value_outlier': "weights.has_outliers",
        }) }} as quality_flags,
        weights.before_null_reason,
        weights.latest_null_reason
    from on_dates
    inner join weights
        on on_dates.event_id = weights.event_id and on_dates.item = weights.item

)

{{ contract_columns() }}
order by
    importer_id, on_date, event_id, item, series_level, hs6, stage
