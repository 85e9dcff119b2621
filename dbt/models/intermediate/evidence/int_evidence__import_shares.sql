{#-
    Everything of the release that says from whom an importer buys, side by side, for every question that
    anything but the current trade series answers. The current series stands beside the others there,
    with its figure or its reason.
-#}
with

dependencies as (

    select * from {{ ref('mart_import_dependency') }}
    where series_level = 'mineral_stage'

),

published as (

    select * from {{ ref('int_evidence__published_import_sources') }}

),

group_imports as (

    select * from {{ ref('int_evidence__group_imports') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

reporters as (

    select
        member_id,
        reference_year
    from {{ ref('int_trade__bloc_members_by_year') }}
    where bloc_id = 'EU27'

),

group_years as (

    select distinct
        mineral_id,
        stage,
        source_id,
        edition,
        series_id,
        reference_year
    from group_imports

),

group_importers as (

    select distinct
        importer_id,
        mineral_id,
        stage,
        edition,
        reference_year
    from group_imports

),

-- Whom the codes do not know, or who bought nothing from outside under them.
group_gaps as (

    select
        parties.party_id as importer_id,
        parties.party_kind as importer_kind,
        group_years.mineral_id,
        group_years.stage,
        group_years.source_id,
        group_years.edition,
        group_years.series_id,
        group_years.reference_year,
        case
            when reporters.member_id is null then 'importer_not_in_series'
            else 'no_imports_recorded'
        end as null_reason
    from parties
    cross join group_years
    left join reporters
        on
            parties.party_id = reporters.member_id
            and group_years.reference_year = reporters.reference_year
    left join group_importers
        on
            parties.party_id = group_importers.importer_id
            and group_years.mineral_id = group_importers.mineral_id
            and group_years.stage = group_importers.stage
            and group_years.edition = group_importers.edition
            and group_years.reference_year = group_importers.reference_year
    where group_importers.importer_id is null

),

other_evidence as (

    select
        evidence_kind,
        importer_id,
        importer_kind,
        mineral_id,
        stage,
        goods,
        goods_match,
        reference_year,
        period_from_year,
        period_to_year,
        origin_id,
        origin_kind,
        share,
        share_lower,
        share_upper,
        share_measure,
        source_id,
        edition,
        cast(null as varchar) as series_id,
        source_row_id,
        cast(null as varchar) as trade_flags,
        case when share is null then coalesce(nullif(value_status, 'numeric'), 'not_available') end
            as null_reason
    from published
    union all
    select
        'line_group' as evidence_kind,
        importer_id,
        importer_kind,
        mineral_id,
        stage,
        'all_lines' as goods,
        'same' as goods_match,
        reference_year,
        reference_year as period_from_year,
        reference_year as period_to_year,
        origin_id,
        'country' as origin_kind,
        value_usd / value_total_usd as share,
        cast(null as double) as share_lower,
        cast(null as double) as share_upper,
        'value' as share_measure,
        source_id,
        edition,
        series_id,
        cast(null as varchar) as source_row_id,
        case
            when value_total_usd < {{ threshold('de_minimis_usd') }} then 'de_minimis'
        end as trade_flags,
        cast(null as varchar) as null_reason
    from group_imports
    union all
    select
        'line_group' as evidence_kind,
        importer_id,
        importer_kind,
        mineral_id,
        stage,
        'all_lines' as goods,
        'same' as goods_match,
        reference_year,
        reference_year as period_from_year,
        reference_year as period_to_year,
        cast(null as varchar) as origin_id,
        cast(null as varchar) as origin_kind,
        cast(null as double) as share,
        cast(null as double) as share_lower,
        cast(null as double) as share_upper,
        'value' as share_measure,
        source_id,
        edition,
        series_id,
        cast(null as varchar) as source_row_id,
        cast(null as varchar) as trade_flags,
        null_reason
    from group_gaps

),

asked as (

    select distinct
        importer_id,
        mineral_id,
        stage,
        reference_year
    from other_evidence
    union
    select distinct
        importer_id,
        mineral_id,
        stage,
        reference_year
    from dependencies
    where not is_current_series and value_share is not null

),

-- Of what a bloc buys inside itself no share is taken.
traded as (

    select
        case
            when dependencies.is_current_series then 'current_series'
            else 'other_series'
        end as evidence_kind,
        dependencies.importer_id,
        dependencies.importer_kind,
        dependencies.mineral_id,
        dependencies.stage,
        'all_lines' as goods,
        'same' as goods_match,
        dependencies.reference_year,
        dependencies.reference_year as period_from_year,
        dependencies.reference_year as period_to_year,
        dependencies.origin_id,
        dependencies.origin_kind,
        dependencies.value_share as share,
        cast(null as double) as share_lower,
        cast(null as double) as share_upper,
        'value' as share_measure,
        dependencies.source_id,
        dependencies.edition,
        dependencies.series_id,
        cast(null as varchar) as source_row_id,
        dependencies.quality_flags as trade_flags,
        dependencies.null_reason
    from dependencies
    inner join asked
        on
            dependencies.importer_id = asked.importer_id
            and dependencies.mineral_id = asked.mineral_id
            and dependencies.stage = asked.stage
            and dependencies.reference_year = asked.reference_year
    where coalesce(dependencies.null_reason <> 'inside_the_bloc', true)

)

select * from traded
union all
select * from other_evidence
