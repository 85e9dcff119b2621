with

exports as (

    select * from {{ ref('int_trade__exports_by_destination') }}

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

stages as (

    select * from {{ ref('stg_reference__stages') }}

),

-- By weight only on one line: tonnes of different goods are not added up.
measured as (

    select
        exports.*,
        series.series_level = 'hs6' or series.line_count = 1 as is_one_line,
        exports.world_weighed_usd
        >= {{ threshold('quantity_coverage_minimum') }} * exports.world_usd
            as is_world_weighed,
        exports.exported_weighed_usd
        >= {{ threshold('quantity_coverage_minimum') }} * exports.exported_usd
            as is_exporter_weighed
    from exports
    inner join series on exports.series_number = series.series_number

),

final as (

    select
        cast(exporter.party_id as varchar) as exporter_id,
        cast(exporter.party_kind as varchar) as exporter_kind,
        cast(series.series_level as varchar) as series_level,
        cast(series.hs6 as varchar) as hs6,
        cast(series.mineral_id as varchar) as mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        cast(coalesce(stages.stage, series.stage) as varchar) as stage,
        cast(chosen.pooled_lines as varchar) as pooled_lines,
        cast(series.is_mixed_line as boolean) as is_mixed_line,
        cast(measured.reference_year as integer) as reference_year,
        cast(series.source_id as varchar) as source_id,
        cast(series.edition as varchar) as edition,
        cast(series.series_id as varchar) as series_id,
        cast(series.hs_revision as varchar) as hs_revision,
        cast(coalesce(destination.party_id, 'WLD') as varchar) as destination_id,
        cast(coalesce(destination.party_kind, 'world') as varchar) as destination_kind,
        cast(measured.value_usd as double) as value_usd,
        cast(measured.quantity_kg / 1000 as double) as quantity_tonnes_gross,
        cast(measured.contained_g / 1000000 as double) as quantity_tonnes_contained,
        cast(measured.contained_low_g / 1000000 as double) as quantity_tonnes_contained_low,
        cast(measured.contained_high_g / 1000000 as double) as quantity_tonnes_contained_high,
        cast(measured.exporter_rank as integer) as exporter_rank,
        cast(measured.destination_rank as integer) as destination_rank,
        cast(measured.exported_usd / measured.world_usd as double) as export_share,
        cast(
            case
                when measured.is_one_line and measured.is_world_weighed
                    then measured.exported_kg / measured.world_kg
            end as double
        ) as export_quantity_share,
        cast(measured.value_usd / measured.exported_usd as double) as destination_share,
        cast(
            case
                when measured.is_one_line and measured.is_exporter_weighed
                    then measured.quantity_kg / measured.exported_kg
            end as double
        ) as destination_quantity_share,
        cast(
            measured.value_squared
            / (cast(measured.exported_usd as double) * measured.exported_usd) as double
        ) as destination_hhi,
        cast({{ quality_flags({
            'grade_heterogeneous': "series.is_grade_heterogeneous",
            'lines_missing': "series.has_missing_lines",
            'mixed_line': "series.is_mixed_line",
            'series_break': "chosen.is_series_break",
            'several_stages': "measured.first_stage_order <> measured.last_stage_order",
            'truncated_release': "series.is_truncated_release",
        }) }} as varchar) as quality_flags
    from measured
    inner join series on measured.series_number = series.series_number
    inner join chosen
        on
            measured.series_number = chosen.series_number
            and measured.reference_year = chosen.reference_year
    left join stages
        on
            measured.first_stage_order = stages.stage_order
            and measured.last_stage_order = stages.stage_order
    inner join parties as exporter on measured.exporter_number = exporter.party_number
    left join parties as destination on measured.destination_number = destination.party_number

)

{{ with_names() }}
