-- From whom does this importer buy this mineral at this stage in this year, or in the newest that has an answer? The trade series that answers, largest origin first; where none does, its reason, and below it the best other evidence of the release with its own source, share, period and basis. Arguments: importer, mineral, stage (codes or names, see `dim_name`; without one, all that are traded), year (may be left out).
create macro critical_minerals.marts.dependency(importer, mineral, supply_stage := null, in_year := null) as table
with resolved_questions as materialized (
    select * from critical_minerals.marts.resolve_question(importer, mineral, supply_stage, in_year)
),

-- The year of the headline; where there is none, the last that trade of this stage has.
headline_years as (
    select
        resolved_questions.stage,
        max(headline.reference_year) as reference_year
    from critical_minerals.marts.mart_headline as headline
    inner join resolved_questions
        on
            headline.importer_id = resolved_questions.importer_id
            and headline.mineral_id = resolved_questions.mineral_id
            and headline.stage = resolved_questions.stage
    where in_year is null
    group by resolved_questions.stage
),

coverage_years as (
    select
        resolved_questions.stage,
        max(coverage.last_year) as reference_year
    from critical_minerals.marts.mart_coverage as coverage
    inner join resolved_questions
        on coverage.mineral_id = resolved_questions.mineral_id and coverage.stage = resolved_questions.stage
    where in_year is null and coverage.statistic = 'import_dependency_value'
    group by resolved_questions.stage
),

questions as materialized (
    select resolved_questions.* replace (
        coalesce(
            resolved_questions.reference_year, headline_years.reference_year, coverage_years.reference_year
        ) as reference_year
    )
    from resolved_questions
    left join headline_years on resolved_questions.stage = headline_years.stage
    left join coverage_years on resolved_questions.stage = coverage_years.stage
),

dependency_rows as (
    select mart.*
    from critical_minerals._stored.mart_import_dependency_of(
        (select max(importer_id) from questions),
        (select max(mineral_id) from questions),
        -- Where stages have years of their own, all years are read.
        (select case when count(distinct reference_year) = 1 then max(reference_year) end from questions)
    ) as mart
    inner join questions
        on
            mart.importer_id = questions.importer_id
            and mart.mineral_id = questions.mineral_id
            and mart.stage = questions.stage
            and mart.reference_year = questions.reference_year
    where mart.series_level = 'mineral_stage' and mart.is_current_series
),

-- What the mart has no row for: a stage without a line of trade, a year before or after, an importer unknown to trade.
unanswered as (
    select
        questions.*,
        case
            when coverage.null_reason is not null then coverage.null_reason
            when questions.reference_year between coverage.first_year and coverage.last_year then 'importer_not_in_series'
            else 'year_not_held'
        end as null_reason
    from questions
    inner join critical_minerals.marts.mart_coverage as coverage
        on
            questions.mineral_id = coverage.mineral_id
            and questions.stage = coverage.stage
            and coverage.statistic = 'import_dependency_value'
    where not exists (select 1 from dependency_rows where dependency_rows.stage = questions.stage)
),

-- Where trade refuses, the other sources that know, by name and basis.
other_evidence as (
    select
        evidence.importer_id,
        evidence.mineral_id,
        evidence.stage,
        evidence.reference_year,
        evidence.origin_id,
        evidence.origin_kind,
        evidence.source_id,
        evidence.series_id,
        evidence.edition,
        evidence.quality_flags,
        evidence.null_reason,
        evidence.evidence_kind,
        evidence.share as evidence_share,
        evidence.share_lower as evidence_share_lower,
        evidence.share_upper as evidence_share_upper,
        evidence.denominator,
        evidence.share_measure,
        evidence.period_from_year,
        evidence.period_to_year
    from critical_minerals.marts.mart_import_evidence as evidence
    inner join questions
        on
            evidence.importer_id = questions.importer_id
            and evidence.mineral_id = questions.mineral_id
            and evidence.stage = questions.stage
            and evidence.reference_year = questions.reference_year
    where evidence.is_best_evidence and evidence.evidence_kind <> 'current_series'
)

select
    answer.importer_id,
    importer_party.party_name as importer_name,
    answer.mineral_id,
    minerals.mineral_name,
    answer.stage,
    answer.reference_year,
    answer.origin_id,
    origin.party_name as origin_name,
    answer.origin_kind,
    answer.value_share,
    answer.quantity_share,
    answer.quantity_basis,
    answer.value_usd,
    answer.quantity_tonnes_gross,
    answer.quantity_tonnes_contained,
    answer.value_share_all_imports,
    answer.extra_bloc_share,
    answer.supplier_hhi,
    answer.pooled_lines,
    answer.series_id,
    answer.edition,
    answer.quality_flags,
    answer.null_reason,
    answer.quantity_null_reason,
    coalesce(answer.evidence_kind, 'current_series') as evidence_kind,
    coalesce(answer.evidence_share, answer.value_share) as evidence_share,
    answer.evidence_share_lower,
    answer.evidence_share_upper,
    coalesce(answer.denominator, 'imports') as denominator,
    coalesce(answer.share_measure, 'value') as share_measure,
    coalesce(answer.period_from_year, answer.reference_year) as period_from_year,
    coalesce(answer.period_to_year, answer.reference_year) as period_to_year,
    answer.source_id
from (
    select * from dependency_rows
    union all by name
    select * exclude (stage_order), null_reason as quantity_null_reason from unanswered
    union all by name
    select * from other_evidence
) as answer
left join critical_minerals.marts.dim_party as origin on answer.origin_id = origin.party_id
left join critical_minerals.marts.dim_party as importer_party on answer.importer_id = importer_party.party_id
left join critical_minerals.marts.dim_mineral as minerals on answer.mineral_id = minerals.mineral_id
left join critical_minerals.marts.dim_stage as stages on answer.stage = stages.stage
order by
    stages.stage_order,
    answer.value_share desc nulls last, answer.value_usd desc nulls last,
    answer.evidence_kind is not null, answer.origin_kind = 'rest', answer.evidence_share desc nulls last,
    answer.origin_id;
