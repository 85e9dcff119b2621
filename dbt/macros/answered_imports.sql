{#-
    Steps of a `with`, the last of them `answered_rows`: what each importer buys of each origin, in one series and
    year, with its shares and caveats. Of the rows of `int_trade__importer_years` that the step `importer_years` has;
    `carried` are columns of that step that rows have, too.
-#}
{% macro answered_imports(carried=[]) -%}
factors as (select * from {{ ref('stg_reference__contained_factors') }}),

import_rows as (

    select
        series_years.*,
        {%- for column in carried %}
        importer_years.{{ column }},
        {%- endfor %}
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
        importer_years.value_usd < {{ threshold('de_minimis_usd') }} as is_de_minimis,
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
        imports.is_weighed,
        imports.other_stage,
        imports.has_several_stages,
        contradicted.series_number is not null as is_contradicted,
        imports.quantity_share_low,
        imports.quantity_share_high
    from importer_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on importer_years.series_year_number = series_years.series_year_number
    inner join {{ ref('int_trade__origin_set_rows') }} as imports
        on importer_years.origin_set_number = imports.origin_set_number
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

shares as (

    select
        *,
        case
            when not is_inside and not is_code_drift then value_usd / value_total_usd
        end as value_share,
        case
            when is_inside or is_code_drift then null
            when quantity_coverage_share < {{ threshold('quantity_coverage_minimum') }} then null
            when not is_weighed then null
            when quantity_basis = 'gross' then quantity_kg / shared_amount
            else contained_g / shared_amount
        end as quantity_share
    from import_rows

),

answered_rows as (

    select
        {%- for column in carried %}
        shares.{{ column }},
        {%- endfor %}
        shares.is_truncated_release,
        shares.importer_id,
        shares.importer_name,
        shares.importer_kind,
        shares.series_level,
        shares.hs6,
        shares.mineral_id,
        -- A line's row is of its flows' own stage; where they have several, of the line's.
        coalesce(shares.other_stage, shares.stage) as stage,
        shares.pooled_lines,
        shares.is_mixed_line,
        shares.reference_year,
        shares.source_id,
        shares.series_id,
        shares.is_current_series,
        shares.hs_revision,
        shares.edition,
        shares.origin_id,
        shares.origin_name,
        shares.origin_kind,
        shares.origin_rank,
        shares.leader_origin_id,
        shares.leader_origin_name,
        shares.leader_usd / shares.value_total_usd as leader_value_share,
        shares.value_usd,
        shares.quantity_kg / 1000 as quantity_tonnes_gross,
        shares.contained_g / 1000000 as quantity_tonnes_contained,
        shares.contained_low_g / 1000000 as quantity_tonnes_contained_low,
        shares.contained_high_g / 1000000 as quantity_tonnes_contained_high,
        shares.value_share,
        shares.quantity_share,
        -- Without a range of factors the share is its own; the last digits are rounding.
        case
            when shares.quantity_basis = 'contained' and shares.quantity_share is not null
                then
                    least(
                        shares.quantity_share,
                        coalesce(shares.quantity_share_low, shares.quantity_share)
                    )
        end as quantity_share_low,
        case
            when shares.quantity_basis = 'contained' and shares.quantity_share is not null
                then
                    greatest(
                        shares.quantity_share,
                        coalesce(shares.quantity_share_high, shares.quantity_share)
                    )
        end as quantity_share_high,
        shares.quantity_basis,
        case when not shares.is_code_drift then shares.value_usd / shares.value_all_usd end
            as value_share_all_imports,
        case
            when not shares.is_code_drift then shares.value_total_usd / shares.value_all_usd
        end as extra_bloc_share,
        shares.quantity_coverage_share,
        shares.is_de_minimis,
        case
            when shares.is_code_drift then null
            -- One supplier: a quotient of doubles may be a hair above 1.
            when shares.leader_usd = shares.value_total_usd then 1
            else
                shares.value_squared
                / (cast(shares.value_total_usd as double) * shares.value_total_usd)
        end as supplier_hhi,
        {{ import_flags('shares') }} as quality_flags,
        case
            when shares.is_inside then 'inside_the_bloc'
            when shares.is_code_drift then 'code_drift'
        end as null_reason,
        case
            when shares.quantity_share is not null then null
            when shares.is_inside then 'inside_the_bloc'
            when shares.is_code_drift then 'code_drift'
            else
                {{ tonnage_null_reason(
                    'case when shares.quantity_coverage_share < '
                    ~ threshold('quantity_coverage_minimum')
                    ~ ' then shares.quantity_coverage_share'
                    ~ " when shares.quantity_basis = 'gross' then shares.quantity_kg"
                    ~ ' else shares.contained_g end',
                    'shares.quantity_kg is not null and shares.lines_without_factor > 0'
                    ~ " and shares.quantity_basis = 'contained'",
                ) }}
        end as quantity_null_reason
    from shares

)
{%- endmacro %}
