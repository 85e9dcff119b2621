-- How do these importers stand for one mineral at one stage? Their headlines, each of its newest year, side by side, in the order asked; where there is none, a row with the reason. Arguments: an importer or a list of them, mineral, stage (codes or names, see `dim_name`; without one, all that are traded).
create macro critical_minerals.marts.compare(importers, mineral, supply_stage := null) as table
with requested_names as materialized (
    select coalesce(try_cast(cast(importers as varchar) as varchar[]), [cast(importers as varchar)]) as importer_names
),

listed_importers as materialized (
    select
        unnest(importer_names) as importer,
        generate_subscripts(importer_names, 1) as place
    from requested_names
),

questions as materialized (
    select
        critical_minerals.marts.resolve_name('party', importer) as importer_id,
        stages.mineral_id,
        stages.stage,
        stages.stage_order,
        listed_importers.place
    from listed_importers
    cross join critical_minerals.marts.resolve_stages(mineral, supply_stage) as stages
    where
        case
            when stages.asked_year is null then true
            else error('compare has the newest year of each importer, and takes none. Ask dependency for another.')
        end
),

-- Why there is no headline, as `dependency` says it.
unanswered as (
    select
        questions.*,
        party.party_name,
        party.party_kind,
        mineral_dim.mineral_name,
        coalesce(coverage.null_reason, 'importer_not_in_series') as null_reason
    from questions
    inner join critical_minerals.marts.dim_party as party on questions.importer_id = party.party_id
    inner join critical_minerals.marts.dim_mineral as mineral_dim on questions.mineral_id = mineral_dim.mineral_id
    inner join critical_minerals.marts.mart_coverage as coverage
        on
            questions.mineral_id = coverage.mineral_id
            and questions.stage = coverage.stage
            and coverage.statistic = 'import_dependency_value'
)

select mart.* replace (
    unanswered.importer_id as importer_id,
    unanswered.party_name as importer_name,
    unanswered.party_kind as importer_kind,
    unanswered.mineral_id as mineral_id,
    unanswered.mineral_name as mineral_name,
    unanswered.stage as stage,
    coalesce(mart.evidence_kind, 'current_series') as evidence_kind,
    case when mart.importer_id is null then unanswered.null_reason else mart.null_reason end as null_reason
)
from unanswered
left join critical_minerals.marts.mart_headline as mart
    on
        unanswered.importer_id = mart.importer_id
        and unanswered.mineral_id = mart.mineral_id
        and unanswered.stage = mart.stage
order by unanswered.stage_order, unanswered.place;
