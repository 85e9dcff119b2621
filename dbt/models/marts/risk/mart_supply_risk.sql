with

criticalities as (

    select
        *,
        {{ edition_age(['source_id', 'material_id', 'assessment_year']) }} = 1
            as is_current_edition
    from {{ ref('stg_eu_crm__criticalities') }}

),

cases as (select * from {{ ref('int_risk__scores') }}),

shares as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production'

),

concentrations as (select * from {{ ref('int_concentration__producer_hhi') }}),

governance as (

    select * from {{ ref('fct_governance') }}
    where is_current_edition and indicator = 'political_stability'

),

governance_years as (

    select
        reference_year,
        max(edition) as governance_edition
    from governance
    group by reference_year

),

published_scores as (

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
    from published_scores

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
            'exclusion_not_told': "exclusion_status = 'withheld_not_told'",
            'governance_missing': "without_governance_tonnes > 0",
            'grade_heterogeneous': "is_grade_heterogeneous",
            'lines_missing': "has_missing_lines",
            'mixed_line': "is_mixed_line",
            'own_production_unknown': "unknown_status is not null",
            'producer_not_listed': "is_unlisted and rest_tonnes > 0",
            'series_break': "is_series_break",
            'series_conflict': "is_contradicted",
            'truncated_release': "is_truncated_release",
            'unit_value_outlier':
                "outlier_kg > " ~ threshold('outlier_quantity_share') ~ " * quantity_kg",
        }) }} as quality_flags,
        null_reason
    from cases

),

-- Producers weighed by how unstable they are. A country without an estimate counts as 0 here, and
-- as 1 in the upper bound.
instability_sums as (

    select
        shares.source_id,
        shares.edition,
        shares.mineral_id,
        shares.stage,
        shares.form,
        shares.basis,
        shares.reference_year,
        {{ exact_sum('shares.production_share * shares.production_share') }} as squares,
        {{ exact_sum(
            'shares.production_share * shares.production_share'
            ' * coalesce(governance.political_instability, 0)'
        ) }} as squares_weighed,
        {{ exact_sum(
            'case when governance.political_instability is null '
            'then shares.production_share * shares.production_share else 0 end'
        ) }} as squares_without_governance
    from shares
    left join governance
        on {{ same_key('shares', 'governance', ['country_iso3', 'reference_year']) }}
    group by
        shares.source_id, shares.edition, shares.mineral_id, shares.stage, shares.form,
        shares.basis, shares.reference_year

),

producers as (

    select
        concentrations.*,
        governance_years.governance_edition,
        instability_sums.squares,
        instability_sums.squares_weighed,
        case
            when governance_years.governance_edition is not null
                then
                    1
                    - instability_sums.squares_without_governance
                    / nullif(instability_sums.squares, 0)
        end as governance_coverage_share,
        instability_sums.squares_weighed + instability_sums.squares_without_governance
        + (concentrations.production_hhi_upper - concentrations.production_hhi_lower)
            as index_upper,
        case
            when concentrations.null_reason is not null then concentrations.null_reason
            when governance_years.governance_edition is null then 'governance_year_not_published'
        end as input_null_reason
    from concentrations
    inner join instability_sums
        on
            {{ same_key('concentrations', 'instability_sums', [
                'source_id', 'edition', 'mineral_id', 'stage', 'form', 'basis', 'reference_year',
            ]) }}
    left join governance_years
        on concentrations.reference_year = governance_years.reference_year

),

with_reasons as (

    select
        producers.*,
        coalesce(
            producers.input_null_reason,
            case
                when
                    producers.governance_coverage_share
                    < {{ threshold('governance_coverage_minimum') }}
                    then 'governance_missing'
            end
        ) as score_null_reason
    from producers

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
        case when score_null_reason is null then squares_weighed end as score,
        case when input_null_reason is null then squares_weighed end as score_lower,
        case
            when input_null_reason is not null then null
            when index_upper > 1 then 1
            else index_upper
        end as score_upper,
        production_hhi_lower as production_hhi,
        case when score_null_reason is null then squares_weighed / nullif(squares, 0) end
            as weighted_instability,
        governance_coverage_share,
        {{ quality_flags({
            'edition_break': "is_edition_break",
            'excluded_producers': "excluded_producers is not null",
            'exclusion_not_told': "exclusion_status = 'withheld_not_told'",
            'governance_missing': "governance_coverage_share < 1",
        }) }} as quality_flags,
        score_null_reason as null_reason
    from with_reasons

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
