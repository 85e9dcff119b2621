with

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}

),

totals as (

    select * from {{ ref('int_trade__importer_totals') }}

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}

),

contradicted as (

    select * from {{ ref('int_trade__series_conflicts') }}

),

-- Lines of each pool, with those that have goods of its stage under their code.
pooled_lines as (

    select distinct
        pool_number,
        line_number
    from {{ ref('int_trade__measured_flows') }}
    where is_current_edition and pool_number is not null

),

-- A pool is contradicted where one of its lines is.
conflicts as (

    select distinct
        series.series_number,
        contradicted.reference_year,
        contradicted.importer_number,
        contradicted.origin_number
    from contradicted
    inner join series on contradicted.hs6 = series.hs6
    union
    select distinct
        pooled_lines.pool_number as series_number,
        contradicted.reference_year,
        contradicted.importer_number,
        contradicted.origin_number
    from contradicted
    inner join series on contradicted.hs6 = series.hs6
    inner join pooled_lines on series.series_number = pooled_lines.line_number

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

gaps as (

    select * from {{ ref('int_trade__missing_imports') }}

),

ranged as (

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

stages as (

    select * from {{ ref('stg_reference__stages') }}

),

-- Pools are shared by metal where every line has a factor, else by weight where they are one line.
measured as (

    select
        imports.*,
        totals.value_all_usd,
        totals.quantity_all_kg,
        totals.value_usd as value_total_usd,
        totals.value_weighed_usd / totals.value_usd as weighed_share,
        totals.value_contained_usd / totals.value_usd as contained_share,
        totals.quantity_kg as quantity_total_kg,
        totals.contained_g as contained_total_g,
        totals.outlier_kg as outlier_total_kg,
        totals.value_squared,
        totals.leader_number,
        totals.leader_usd / totals.value_usd as leader_value_share,
        series.series_level,
        series.line_count,
        case
            when series.series_level = 'hs6' or series.line_count = 1 then 'gross'
            else 'contained'
        end as quantity_basis,
        case
            when series.series_level = 'hs6' or series.line_count = 1
                then totals.value_weighed_usd / totals.value_usd
            else totals.value_contained_usd / totals.value_usd
        end as quantity_coverage_share
    from imports
    inner join totals
        on
            imports.series_number = totals.series_number
            and imports.reference_year = totals.reference_year
            and imports.importer_number = totals.importer_number
    inner join series on imports.series_number = series.series_number

),

shared as (

    select
        *,
        case
            when not is_inside and not is_code_drift then value_usd / value_total_usd
        end as value_share,
        case
            when is_inside or is_code_drift then null
            when quantity_coverage_share < {{ threshold('quantity_coverage_minimum') }} then null
            when quantity_basis = 'gross' then quantity_kg / quantity_total_kg
            else contained_g / contained_total_g
        end as quantity_share
    from measured

),

answered as (

    select
        cast(importer.party_id as varchar) as importer_id,
        cast(importer.party_kind as varchar) as importer_kind,
        cast(series.series_level as varchar) as series_level,
        cast(series.hs6 as varchar) as hs6,
        cast(series.mineral_id as varchar) as mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        cast(coalesce(stages.stage, series.stage) as varchar) as stage,
        cast(chosen.pooled_lines as varchar) as pooled_lines,
        cast(series.is_mixed_line as boolean) as is_mixed_line,
        cast(shared.reference_year as integer) as reference_year,
        cast(series.source_id as varchar) as source_id,
        cast(series.series_id as varchar) as series_id,
        cast(chosen.is_current_series as boolean) as is_current_series,
        cast(series.hs_revision as varchar) as hs_revision,
        cast(series.edition as varchar) as edition,
        cast(origin.party_id as varchar) as origin_id,
        cast(origin.party_kind as varchar) as origin_kind,
        cast(shared.origin_rank as integer) as origin_rank,
        cast(leader.party_id as varchar) as leader_origin_id,
        cast(shared.leader_value_share as double) as leader_value_share,
        cast(shared.value_usd as double) as value_usd,
        cast(shared.quantity_kg / 1000 as double) as quantity_tonnes_gross,
        cast(shared.contained_g / 1000000 as double) as quantity_tonnes_contained,
        cast(shared.contained_low_g / 1000000 as double) as quantity_tonnes_contained_low,
        cast(shared.contained_high_g / 1000000 as double) as quantity_tonnes_contained_high,
        cast(shared.value_share as double) as value_share,
        cast(shared.quantity_share as double) as quantity_share,
        -- Without a range of factors the share is its own; the last digits are rounding.
        cast(
            case
                when shared.quantity_basis = 'contained' and shared.quantity_share is not null
                    then
                        least(
                            shared.quantity_share,
                            coalesce(ranged.quantity_share_low, shared.quantity_share)
                        )
            end as double
        ) as quantity_share_low,
        cast(
            case
                when shared.quantity_basis = 'contained' and shared.quantity_share is not null
                    then
                        greatest(
                            shared.quantity_share,
                            coalesce(ranged.quantity_share_high, shared.quantity_share)
                        )
            end as double
        ) as quantity_share_high,
        cast(shared.quantity_basis as varchar) as quantity_basis,
        cast(
            case when not shared.is_code_drift then shared.value_usd / shared.value_all_usd end
            as double
        ) as value_share_all_imports,
        cast(
            case
                when not shared.is_code_drift then shared.value_total_usd / shared.value_all_usd
            end as double
        ) as extra_bloc_share,
        cast(coalesce(shared.quantity_coverage_share, 0) as double) as quantity_coverage_share,
        cast(
            coalesce(shared.value_total_usd, 0) < {{ threshold('de_minimis_usd') }} as boolean
        ) as is_de_minimis,
        cast(
            case
                when not shared.is_code_drift
                    then
                        shared.value_squared
                        / (cast(shared.value_total_usd as double) * shared.value_total_usd)
            end as double
        ) as supplier_hhi,
        cast({{ quality_flags({
            'code_drift': "shared.is_code_drift",
            'de_minimis': "coalesce(shared.value_total_usd, 0) < " ~ threshold('de_minimis_usd'),
            'grade_heterogeneous': "series.is_grade_heterogeneous",
            'lines_missing': "series.has_missing_lines",
            'mixed_line': "series.is_mixed_line",
            'series_break': "chosen.is_series_break",
            'series_conflict': "conflicts.series_number is not null",
            'several_stages': "shared.first_stage_order <> shared.last_stage_order",
            'suspected_double_count': "shared.has_double_count",
            'truncated_release': "series.is_truncated_release",
            'unit_value_outlier':
                "shared.outlier_kg > "
                ~ threshold('outlier_quantity_share')
                ~ " * shared.quantity_kg"
                ~ " or shared.outlier_total_kg > "
                ~ threshold('outlier_quantity_share')
                ~ " * shared.quantity_total_kg",
        }) }} as varchar) as quality_flags,
        cast(
            case
                when shared.is_inside then 'inside_the_bloc'
                when shared.is_code_drift then 'code_drift'
            end as varchar
        ) as null_reason,
        cast(
            case
                when shared.quantity_share is not null then null
                when shared.is_inside then 'inside_the_bloc'
                when shared.is_code_drift then 'code_drift'
                when series.lines_without_factor > 0 and shared.quantity_basis = 'contained'
                    then 'no_contained_factor'
                when
                    shared.quantity_coverage_share > 0
                    and shared.quantity_coverage_share
                    < {{ threshold('quantity_coverage_minimum') }}
                    then 'tonnage_partly_published'
                else 'tonnage_not_published'
            end as varchar
        ) as quantity_null_reason
    from shared
    inner join series on shared.series_number = series.series_number
    inner join chosen
        on
            shared.series_number = chosen.series_number
            and shared.reference_year = chosen.reference_year
    left join stages
        on
            shared.first_stage_order = stages.stage_order
            and shared.last_stage_order = stages.stage_order
    inner join parties as importer on shared.importer_number = importer.party_number
    inner join parties as origin on shared.origin_number = origin.party_number
    left join parties as leader on shared.leader_number = leader.party_number
    left join ranged
        on
            shared.series_number = ranged.series_number
            and shared.reference_year = ranged.reference_year
            and shared.importer_number = ranged.importer_number
            and shared.origin_number = ranged.origin_number
    left join conflicts
        on
            shared.series_number = conflicts.series_number
            and shared.reference_year = conflicts.reference_year
            and shared.importer_number = conflicts.importer_number
            and shared.origin_number = conflicts.origin_number

),

unanswered as (

    select
        cast(importer_id as varchar) as importer_id,
        cast(importer_kind as varchar) as importer_kind,
        cast('mineral_stage' as varchar) as series_level,
        cast(null as varchar) as hs6,
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(null as varchar) as pooled_lines,
        cast(null_reason = 'only_mixed_lines' as boolean) as is_mixed_line,
        cast(reference_year as integer) as reference_year,
        cast(null as varchar) as source_id,
        cast(series_id as varchar) as series_id,
        cast(true as boolean) as is_current_series,
        cast(null as varchar) as hs_revision,
        cast(null as varchar) as edition,
        cast(null as varchar) as origin_id,
        cast(null as varchar) as origin_kind,
        cast(null as integer) as origin_rank,
        cast(null as varchar) as leader_origin_id,
        cast(null as double) as leader_value_share,
        cast(null as double) as value_usd,
        cast(null as double) as quantity_tonnes_gross,
        cast(null as double) as quantity_tonnes_contained,
        cast(null as double) as quantity_tonnes_contained_low,
        cast(null as double) as quantity_tonnes_contained_high,
        cast(null as double) as value_share,
        cast(null as double) as quantity_share,
        cast(null as double) as quantity_share_low,
        cast(null as double) as quantity_share_high,
        cast(null as varchar) as quantity_basis,
        cast(null as double) as value_share_all_imports,
        cast(null as double) as extra_bloc_share,
        cast(null as double) as quantity_coverage_share,
        cast(null as boolean) as is_de_minimis,
        cast(null as double) as supplier_hhi,
        cast(null as varchar) as quality_flags,
        cast(null_reason as varchar) as null_reason,
        cast(null_reason as varchar) as quantity_null_reason
    from gaps

),

final as (

    select * from answered
    union all
    select * from unanswered

)

{{ with_names() }}
