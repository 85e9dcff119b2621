with

criticalities as (

    select
        *,
        {{ edition_age(['source_id', 'material_id', 'assessment_year']) }} = 1
            as is_current_edition
    from {{ ref('stg_eu_crm__criticalities') }}

),

cases as (

    select * from {{ ref('int_risk__scores') }}

),

producers as (

    select * from {{ ref('int_risk__weighted_producers') }}

),

reported as (

    select
        'eu_supply_risk' as measure,
        source_id,
        edition,
        is_current_edition,
        source_row_id,
        mineral_id,
        material_id,
        assessment_year,
        supply_risk as score,
        case when assessment_year >= 2017 then {{ threshold('eu_supply_risk_threshold') }} end
            as threshold
    from criticalities
    union all
    select
        'eu_economic_importance' as measure,
        source_id,
        edition,
        is_current_edition,
        source_row_id,
        mineral_id,
        material_id,
        assessment_year,
        economic_importance as score,
        case
            when assessment_year >= 2017
                then {{ threshold('eu_economic_importance_threshold') }}
        end as threshold
    from criticalities

),

as_reported as (

    select
        cast(measure as varchar) as measure,
        cast(mineral_id as varchar) as mineral_id,
        cast(material_id as varchar) as material_id,
        cast(null as varchar) as stage,
        cast(null as varchar) as form,
        cast(null as varchar) as basis,
        cast('EU' as varchar) as importer_id,
        cast('bloc' as varchar) as importer_kind,
        cast(assessment_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(null as varchar) as trade_source_id,
        cast(null as varchar) as trade_series_id,
        cast(null as varchar) as trade_edition,
        cast(null as varchar) as governance_edition,
        cast(score as double) as score,
        cast(null as double) as score_lower,
        cast(null as double) as score_upper,
        cast(threshold as double) as threshold,
        cast(score >= threshold as boolean) as is_above_threshold,
        cast(null as double) as production_hhi,
        cast(null as double) as weighted_instability,
        cast(null as double) as governance_coverage_share,
        cast(null as varchar) as quantity_basis,
        cast(null as double) as import_quantity_tonnes,
        cast(null as double) as import_quantity_tonnes_contained,
        cast(null as double) as inside_bloc_quantity_tonnes,
        cast(null as double) as domestic_production_tonnes,
        cast(null as double) as quantity_coverage_share,
        cast(case when assessment_year < 2017 then 'older_method' end as varchar) as quality_flags,
        cast(case when score is null then 'not_assessed' end as varchar) as null_reason,
        cast(source_row_id as varchar) as source_row_id
    from reported

),

geopolrisk as (

    select
        cast('geopolrisk' as varchar) as measure,
        cast(mineral_id as varchar) as mineral_id,
        cast(null as varchar) as material_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(importer_id as varchar) as importer_id,
        cast(importer_kind as varchar) as importer_kind,
        cast(reference_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(true as boolean) as is_current_edition,
        cast(trade_source_id as varchar) as trade_source_id,
        cast(series_id as varchar) as trade_series_id,
        cast(trade_edition as varchar) as trade_edition,
        cast(governance_edition as varchar) as governance_edition,
        cast(case when null_reason is null then score end as double) as score,
        cast(score_lower as double) as score_lower,
        cast(score_upper as double) as score_upper,
        cast(null as double) as threshold,
        cast(null as boolean) as is_above_threshold,
        cast(production_hhi_lower as double) as production_hhi,
        cast(case when null_reason is null then weighted_instability end as double)
            as weighted_instability,
        cast(governance_coverage_share as double) as governance_coverage_share,
        cast(quantity_basis as varchar) as quantity_basis,
        cast(import_tonnes as double) as import_quantity_tonnes,
        cast(contained_g / 1000000 as double) as import_quantity_tonnes_contained,
        -- A country has no inside: that is no 0.
        cast(
            case
                when import_tonnes is not null and importer_kind = 'bloc' then inside_tonnes
            end as double
        ) as inside_bloc_quantity_tonnes,
        cast(domestic_tonnes as double) as domestic_production_tonnes,
        cast(quantity_coverage_share as double) as quantity_coverage_share,
        cast(
            nullif(
                concat_ws(
                    ',',
                    case when value_usd < {{ threshold('de_minimis_usd') }} then 'de_minimis' end,
                    case when is_edition_break then 'edition_break' end,
                    case when excluded_producers is not null then 'excluded_producers' end,
                    case when without_governance_tonnes > 0 then 'governance_missing' end,
                    case when is_grade_heterogeneous then 'grade_heterogeneous' end,
                    case when has_missing_lines then 'lines_missing' end,
                    case when is_mixed_line then 'mixed_line' end,
                    case when unknown_status is not null then 'own_production_unknown' end,
                    case when is_unlisted and rest_tonnes > 0 then 'producer_not_listed' end,
                    case when is_series_break then 'series_break' end,
                    case when is_truncated_release then 'truncated_release' end,
                    case
                        when outlier_kg > {{ threshold('outlier_quantity_share') }} * quantity_kg
                            then 'unit_value_outlier'
                    end
                ),
                ''
            ) as varchar
        ) as quality_flags,
        cast(null_reason as varchar) as null_reason,
        cast(null as varchar) as source_row_id
    from cases

),

governance_weighted as (

    select
        cast('governance_weighted_hhi' as varchar) as measure,
        cast(mineral_id as varchar) as mineral_id,
        cast(null as varchar) as material_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(null as varchar) as importer_id,
        cast(null as varchar) as importer_kind,
        cast(reference_year as integer) as reference_year,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(null as varchar) as trade_source_id,
        cast(null as varchar) as trade_series_id,
        cast(null as varchar) as trade_edition,
        cast(governance_edition as varchar) as governance_edition,
        cast(case when null_reason is null then index_lower end as double) as score,
        cast(index_lower as double) as score_lower,
        cast(index_upper as double) as score_upper,
        cast(null as double) as threshold,
        cast(null as boolean) as is_above_threshold,
        cast(production_hhi_lower as double) as production_hhi,
        cast(case when null_reason is null then index_lower / nullif(squares, 0) end as double)
            as weighted_instability,
        cast(governance_coverage_share as double) as governance_coverage_share,
        cast(null as varchar) as quantity_basis,
        cast(null as double) as import_quantity_tonnes,
        cast(null as double) as import_quantity_tonnes_contained,
        cast(null as double) as inside_bloc_quantity_tonnes,
        cast(null as double) as domestic_production_tonnes,
        cast(null as double) as quantity_coverage_share,
        cast(
            nullif(
                concat_ws(
                    ',',
                    case when is_edition_break then 'edition_break' end,
                    case when excluded_producers is not null then 'excluded_producers' end,
                    case when governance_coverage_share < 1 then 'governance_missing' end
                ),
                ''
            ) as varchar
        ) as quality_flags,
        cast(null_reason as varchar) as null_reason,
        cast(null as varchar) as source_row_id
    from producers

),

final as (

    select * from as_reported
    union all
    select * from geopolrisk
    union all
    select * from governance_weighted

)

{{ with_names() }}
order by
    measure, mineral_id, material_id, stage, importer_id, reference_year, source_id, edition, form,
    basis
