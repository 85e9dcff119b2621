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
        *,
        'EU' as importer_id,
        'bloc' as importer_kind,
        assessment_year as reference_year,
        score >= threshold as is_above_threshold,
        case when assessment_year < 2017 then 'older_method' end as quality_flags,
        case when score is null then 'not_assessed' end as null_reason
    from reported

),

geopolrisk as (

    select
        'geopolrisk' as measure,
        mineral_id,
        stage,
        form,
        basis,
        importer_id,
        importer_kind,
        reference_year,
        source_id,
        edition,
        true as is_current_edition,
        trade_source_id,
        series_id as trade_series_id,
        trade_edition,
        governance_edition,
        case when null_reason is null then score end as score,
        score_lower,
        score_upper,
        production_hhi_lower as production_hhi,
        case when null_reason is null then weighted_instability end as weighted_instability,
        governance_coverage_share,
        quantity_basis,
        import_tonnes as import_quantity_tonnes,
        contained_g / 1000000 as import_quantity_tonnes_contained,
        -- A country has no inside: that is no 0.
        case
            when import_tonnes is not null and importer_kind = 'bloc' then inside_tonnes
        end as inside_bloc_quantity_tonnes,
        domestic_tonnes as domestic_production_tonnes,
        quantity_coverage_share,
        {{ quality_flags({
            'de_minimis': "value_usd < " ~ threshold('de_minimis_usd'),
            'edition_break': "is_edition_break",
            'excluded_producers': "excluded_producers is not null",
            'governance_missing': "without_governance_tonnes > 0",
            'grade_heterogeneous': "is_grade_heterogeneous",
            'lines_missing': "has_missing_lines",
            'mixed_line': "is_mixed_line",
            'own_production_unknown': "unknown_status is not null",
            'producer_not_listed': "is_unlisted and rest_tonnes > 0",
            'series_break': "is_series_break",
            'truncated_release': "is_truncated_release",
            'unit_value_outlier':
                "outlier_kg > " ~ threshold('outlier_quantity_share') ~ " * quantity_kg",
        }) }} as quality_flags,
        null_reason
    from cases

),

governance_weighted as (

    select
        'governance_weighted_hhi' as measure,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        source_id,
        edition,
        is_current_edition,
        governance_edition,
        case when null_reason is null then index_lower end as score,
        index_lower as score_lower,
        index_upper as score_upper,
        production_hhi_lower as production_hhi,
        case when null_reason is null then index_lower / nullif(squares, 0) end
            as weighted_instability,
        governance_coverage_share,
        {{ quality_flags({
            'edition_break': "is_edition_break",
            'excluded_producers': "excluded_producers is not null",
            'governance_missing': "governance_coverage_share < 1",
        }) }} as quality_flags,
        null_reason
    from producers

),

final as (

    select * from as_reported
    union all by name
    select * from geopolrisk
    union all by name
    select * from governance_weighted

)

{{ contract_columns() }}
order by
    measure, mineral_id, material_id, stage, importer_id, reference_year, source_id, edition, form,
    basis
