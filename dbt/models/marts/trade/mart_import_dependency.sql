{#- Shares, names and flags of what is kept narrow; a release computes them when it is asked. -#}
with

importer_years as (

    select * from {{ ref('int_trade__importer_years') }}

),

totals as (

    select * from {{ ref('int_trade__origin_set_totals') }}

),

imports as (

    select * from {{ ref('int_trade__origin_set_rows') }}

),

factors as (

    select * from {{ ref('int_trade__contained_factors') }}

),

gaps as (

    select * from {{ ref('int_trade__missing_imports') }}

),

measured as (

    select
        series_years.*,
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        importer.party_name as importer_name,
        origin.party_id as origin_id,
        origin.party_kind as origin_kind,
        origin.party_name as origin_name,
        leader.party_id as leader_origin_id,
        leader.party_name as leader_origin_name,
        totals.value_usd as value_total_usd,
        totals.leader_usd,
        totals.value_squared,
        totals.has_outliers as has_outliers_in_all,
        coalesce(totals.value_usd, 0) + totals.value_inside_usd as value_all_usd,
        coalesce((totals.value_usd - totals.value_unmeasured_usd) / totals.value_usd, 0)
            as quantity_coverage_share,
        coalesce(totals.value_usd, 0) < {{ threshold('de_minimis_usd') }} as is_de_minimis,
        imports.origin_rank,
        imports.value_usd,
        imports.quantity_kg,
        {%- for bound in ['', '_low', '_high'] %}
        imports.{{ 'contained' ~ bound }}_beside_factor_g
        + {{ contained_g('imports.quantity_kg', 'factors.factor' ~ bound) }}
            as contained{{ bound }}_g,
        {%- endfor %}
        totals.quantity_kg as quantity_total_kg,
        totals.contained_g as contained_total_g,
        imports.is_inside,
        imports.is_code_drift,
        imports.has_double_count,
        imports.has_outliers,
        imports.other_stage,
        imports.has_several_stages,
        contradicted.series_number is not null as is_contradicted,
        imports.quantity_share_low,
        imports.quantity_share_high
    from importer_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on importer_years.series_year_number = series_years.series_year_number
    inner join totals on importer_years.origin_set_number = totals.origin_set_number
    inner join imports on importer_years.origin_set_number = imports.origin_set_number
    inner join {{ ref('int_trade__parties') }} as importer
        on importer_years.importer_number = importer.party_number
    inner join {{ ref('int_trade__parties') }} as origin
        on imports.origin_number = origin.party_number
    left join factors on imports.factor_number = factors.factor_number
    left join {{ ref('int_trade__parties') }} as leader
        on totals.leader_number = leader.party_number
    left join {{ ref('int_trade__series_conflicts') }} as contradicted
        on
            series_years.series_number = contradicted.series_number
            and series_years.reference_year = contradicted.reference_year
            and importer_years.importer_number = contradicted.importer_number
            and imports.origin_number = contradicted.origin_number

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
        cast(shared.importer_id as varchar) as importer_id,
        cast(shared.importer_name as varchar) as importer_name,
        cast(shared.importer_kind as varchar) as importer_kind,
        cast(shared.series_level as varchar) as series_level,
        cast(shared.hs6 as varchar) as hs6,
        cast(shared.mineral_id as varchar) as mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        cast(coalesce(shared.other_stage, shared.stage) as varchar) as stage,
        cast(shared.pooled_lines as varchar) as pooled_lines,
        cast(shared.is_mixed_line as boolean) as is_mixed_line,
        cast(shared.reference_year as integer) as reference_year,
        cast(shared.source_id as varchar) as source_id,
        cast(shared.series_id as varchar) as series_id,
        cast(shared.is_current_series as boolean) as is_current_series,
        cast(shared.hs_revision as varchar) as hs_revision,
        cast(shared.edition as varchar) as edition,
        cast(shared.origin_id as varchar) as origin_id,
        cast(shared.origin_name as varchar) as origin_name,
        cast(shared.origin_kind as varchar) as origin_kind,
        cast(shared.origin_rank as integer) as origin_rank,
        cast(shared.leader_origin_id as varchar) as leader_origin_id,
        cast(shared.leader_origin_name as varchar) as leader_origin_name,
        cast(shared.leader_usd / shared.value_total_usd as double) as leader_value_share,
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
                            coalesce(shared.quantity_share_low, shared.quantity_share)
                        )
            end as double
        ) as quantity_share_low,
        cast(
            case
                when shared.quantity_basis = 'contained' and shared.quantity_share is not null
                    then
                        greatest(
                            shared.quantity_share,
                            coalesce(shared.quantity_share_high, shared.quantity_share)
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
        cast(shared.quantity_coverage_share as double) as quantity_coverage_share,
        cast(shared.is_de_minimis as boolean) as is_de_minimis,
        cast(
            case
                when shared.is_code_drift then null
                -- One supplier: a quotient of doubles may be a hair above 1.
                when shared.leader_usd = shared.value_total_usd then 1
                else
                    shared.value_squared
                    / (cast(shared.value_total_usd as double) * shared.value_total_usd)
            end as double
        ) as supplier_hhi,
        cast({{ quality_flags({
            'code_drift': "shared.is_code_drift",
            'de_minimis': "shared.is_de_minimis",
            'grade_heterogeneous': "shared.is_grade_heterogeneous",
            'lines_missing': "shared.has_missing_lines",
            'mixed_line': "shared.is_mixed_line",
            'series_break': "shared.is_series_break",
            'series_conflict': "shared.is_contradicted",
            'several_stages': "shared.has_several_stages",
            'suspected_double_count': "shared.has_double_count",
            'truncated_release': "shared.is_truncated_release",
            'unit_value_outlier': "shared.has_outliers or shared.has_outliers_in_all",
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
                when shared.lines_without_factor > 0 and shared.quantity_basis = 'contained'
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

),

unanswered as (

    select
        cast(importer.party_id as varchar) as importer_id,
        cast(importer.party_name as varchar) as importer_name,
        cast(importer.party_kind as varchar) as importer_kind,
        cast('mineral_stage' as varchar) as series_level,
        cast(null as varchar) as hs6,
        cast(gaps.mineral_id as varchar) as mineral_id,
        cast(gaps.stage as varchar) as stage,
        cast(null as varchar) as pooled_lines,
        cast(gaps.null_reason = 'only_mixed_lines' as boolean) as is_mixed_line,
        cast(gaps.reference_year as integer) as reference_year,
        cast(null as varchar) as source_id,
        cast(gaps.series_id as varchar) as series_id,
        cast(true as boolean) as is_current_series,
        cast(null as varchar) as hs_revision,
        cast(null as varchar) as edition,
        cast(null as varchar) as origin_id,
        cast(null as varchar) as origin_name,
        cast(null as varchar) as origin_kind,
        cast(null as integer) as origin_rank,
        cast(null as varchar) as leader_origin_id,
        cast(null as varchar) as leader_origin_name,
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
        cast(gaps.null_reason as varchar) as null_reason,
        cast(gaps.null_reason as varchar) as quantity_null_reason
    from gaps
    inner join {{ ref('int_trade__parties') }} as importer
        on gaps.importer_number = importer.party_number

),

final as (

    select * from answered
    union all
    select * from unanswered

)

{{ contract_columns(named=['importer_name', 'origin_name', 'leader_origin_name']) }}
