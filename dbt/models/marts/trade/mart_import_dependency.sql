{#- Shares, names and flags of what is kept narrow; a release computes them when it is asked. -#}
with

importer_years as (select * from {{ ref('int_trade__importer_years') }}),
imports as (select * from {{ ref('int_trade__origin_set_rows') }}),
factors as (select * from {{ ref('stg_reference__contained_factors') }}),
gaps as (select * from {{ ref('int_trade__missing_imports') }}),

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
        importer_years.value_usd as value_total_usd,
        coalesce(importer_years.value_usd, 0) + importer_years.value_inside_usd as value_all_usd,
        importer_years.leader_usd,
        importer_years.value_squared,
        importer_years.has_outliers_in_all,
        coalesce(
            (importer_years.value_usd - importer_years.value_unmeasured_usd)
            / importer_years.value_usd,
            0
        ) as quantity_coverage_share,
        coalesce(importer_years.value_usd, 0) < {{ threshold('de_minimis_usd') }}
            as is_de_minimis,
        imports.origin_rank,
        imports.value_usd,
        imports.quantity_kg,
        {%- for bound in ['', '_low', '_high'] %}
        imports.{{ 'contained' ~ bound }}_beside_factor_g
        + {{ contained_g('imports.quantity_kg', 'factors.factor' ~ bound) }}
            as contained{{ bound }}_g,
        {%- endfor %}
        importer_years.shared_amount,
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
    inner join imports on importer_years.origin_set_number = imports.origin_set_number
    inner join {{ ref('int_trade__parties') }} as importer
        on importer_years.importer_number = importer.party_number
    inner join {{ ref('int_trade__parties') }} as origin
        on imports.origin_number = origin.party_number
    left join factors on imports.factor_number = factors.factor_number
    left join {{ ref('int_trade__parties') }} as leader
        on importer_years.leader_number = leader.party_number
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
            when quantity_basis = 'gross' then quantity_kg / shared_amount
            else contained_g / shared_amount
        end as quantity_share
    from measured

),

answered as (

    select
        shared.importer_id,
        shared.importer_name,
        shared.importer_kind,
        shared.series_level,
        shared.hs6,
        shared.mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        coalesce(shared.other_stage, shared.stage) as stage,
        shared.pooled_lines,
        shared.is_mixed_line,
        shared.reference_year,
        shared.source_id,
        shared.series_id,
        shared.is_current_series,
        shared.hs_revision,
        shared.edition,
        shared.origin_id,
        shared.origin_name,
        shared.origin_kind,
        shared.origin_rank,
        shared.leader_origin_id,
        shared.leader_origin_name,
        shared.leader_usd / shared.value_total_usd as leader_value_share,
        shared.value_usd,
        shared.quantity_kg / 1000 as quantity_tonnes_gross,
        shared.contained_g / 1000000 as quantity_tonnes_contained,
        shared.contained_low_g / 1000000 as quantity_tonnes_contained_low,
        shared.contained_high_g / 1000000 as quantity_tonnes_contained_high,
        shared.value_share,
        shared.quantity_share,
        -- Without a range of factors the share is its own; the last digits are rounding.
        case
            when shared.quantity_basis = 'contained' and shared.quantity_share is not null
                then
                    least(
                        shared.quantity_share,
                        coalesce(shared.quantity_share_low, shared.quantity_share)
                    )
        end as quantity_share_low,
        case
            when shared.quantity_basis = 'contained' and shared.quantity_share is not null
                then
                    greatest(
                        shared.quantity_share,
                        coalesce(shared.quantity_share_high, shared.quantity_share)
                    )
        end as quantity_share_high,
        shared.quantity_basis,
        case when not shared.is_code_drift then shared.value_usd / shared.value_all_usd end
            as value_share_all_imports,
        case
            when not shared.is_code_drift then shared.value_total_usd / shared.value_all_usd
        end as extra_bloc_share,
        shared.quantity_coverage_share,
        shared.is_de_minimis,
        case
            when shared.is_code_drift then null
            -- One supplier: a quotient of doubles may be a hair above 1.
            when shared.leader_usd = shared.value_total_usd then 1
            else
                shared.value_squared
                / (cast(shared.value_total_usd as double) * shared.value_total_usd)
        end as supplier_hhi,
        {{ import_flags('shared') }} as quality_flags,
        case
            when shared.is_inside then 'inside_the_bloc'
            when shared.is_code_drift then 'code_drift'
        end as null_reason,
        case
            when shared.quantity_share is not null then null
            when shared.is_inside then 'inside_the_bloc'
            when shared.is_code_drift then 'code_drift'
            -- Where there are tonnes, and what metal they hold is not known.
            when
                shared.quantity_kg is not null
                and shared.lines_without_factor > 0
                and shared.quantity_basis = 'contained'
                then 'no_contained_factor'
            when
                shared.quantity_coverage_share > 0
                and shared.quantity_coverage_share
                < {{ threshold('quantity_coverage_minimum') }}
                then 'tonnage_partly_published'
            else 'tonnage_not_published'
        end as quantity_null_reason
    from shared

),

unanswered as (

    select
        importer.party_id as importer_id,
        importer.party_name as importer_name,
        importer.party_kind as importer_kind,
        'mineral_stage' as series_level,
        gaps.mineral_id,
        gaps.stage,
        gaps.null_reason = 'only_mixed_lines' as is_mixed_line,
        gaps.reference_year,
        gaps.series_id,
        true as is_current_series,
        gaps.null_reason,
        gaps.null_reason as quantity_null_reason
    from gaps
    inner join {{ ref('int_trade__parties') }} as importer
        on gaps.importer_number = importer.party_number

),

final as (

    select * from answered
    union all by name
    select * from unanswered

)

{{ contract_columns(named=['importer_name', 'origin_name', 'leader_origin_name']) }}
