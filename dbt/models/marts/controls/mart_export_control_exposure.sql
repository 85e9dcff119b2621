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
        cast(on_dates.on_date as date) as on_date,
        cast(weights.event_id as varchar) as event_id,
        cast(weights.item as varchar) as item,
        cast(on_dates.status as varchar) as status,
        cast(on_dates.imposing_iso3 as varchar) as imposing_iso3,
        cast(on_dates.target_id as varchar) as target_id,
        cast(on_dates.instrument as varchar) as instrument,
        cast(weights.importer_id as varchar) as importer_id,
        cast(weights.importer_kind as varchar) as importer_kind,
        cast(weights.series_level as varchar) as series_level,
        cast(weights.hs6 as varchar) as hs6,
        cast(weights.mineral_id as varchar) as mineral_id,
        cast(weights.stage as varchar) as stage,
        cast(weights.scope as varchar) as scope,
        cast(weights.verification as varchar) as verification,
        cast(weights.first_year_before as integer) as first_year_before,
        cast(weights.last_year_before as integer) as last_year_before,
        cast(weights.years_before as integer) as years_before,
        cast(weights.latest_year as integer) as latest_year,
        cast(weights.latest_series_id as varchar) as latest_series_id,
        cast(weights.value_share_before_low as double) as value_share_before_low,
        cast(weights.value_share_before_high as double) as value_share_before_high,
        cast(weights.value_share_latest_low as double) as value_share_latest_low,
        cast(weights.value_share_latest_high as double) as value_share_latest_high,
        cast(weights.quantity_share_before_low as double) as quantity_share_before_low,
        cast(weights.quantity_share_before_high as double) as quantity_share_before_high,
        cast(weights.quantity_share_latest_low as double) as quantity_share_latest_low,
        cast(weights.quantity_share_latest_high as double) as quantity_share_latest_high,
        cast(weights.quantity_basis as varchar) as quantity_basis,
        cast(weights.value_usd_before as double) as value_usd_before,
        cast(weights.value_usd_latest as double) as value_usd_latest,
        cast(weights.quantity_tonnes_before as double) as quantity_tonnes_before,
        cast(weights.quantity_tonnes_latest as double) as quantity_tonnes_latest,
        cast({{ quality_flags({
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
        }) }} as varchar) as quality_flags,
        cast(weights.before_null_reason as varchar) as before_null_reason,
        cast(weights.latest_null_reason as varchar) as latest_null_reason
    from on_dates
    inner join weights
        on on_dates.event_id = weights.event_id and on_dates.item = weights.item

)

{{ with_names() }}
order by
    importer_id, on_date, event_id, item, series_level, hs6, stage
