-- Who sold, who refined and who mined what this importer bought of this mineral at this stage in this year, or in the newest that has an answer, largest first; beside each, whether it makes or passes on what it sells? Shares are of imports, by contained metal or oxide where that is known, else by weight, else by value (`measure`). A question that is not looked through is one row with the reason. Arguments: importer, mineral, stage (codes or names, see `dim_name`; without one, all that are traded), year (may be left out).
create macro critical_minerals.marts.look_through(importer, mineral, supply_stage := null, in_year := null) as table
with resolved_questions as materialized (
    select * from critical_minerals.marts.resolve_question(importer, mineral, supply_stage, in_year)
),

newest_answer_years as (
    select
        resolved_questions.stage,
        coalesce(
            max(mart.reference_year) filter (where mart.origin_id is not null), max(mart.reference_year)
        ) as reference_year
    from critical_minerals.marts.mart_dependency_view as mart
    inner join resolved_questions
        on
            mart.importer_id = resolved_questions.importer_id
            and mart.mineral_id = resolved_questions.mineral_id
            and mart.stage = resolved_questions.stage
    where in_year is null and mart.series_level = 'mineral_stage' and mart.denominator = 'imports'
    group by resolved_questions.stage
),

questions as materialized (
    select resolved_questions.* replace (
        coalesce(resolved_questions.reference_year, newest_answer_years.reference_year) as reference_year
    )
    from resolved_questions
    left join newest_answer_years on resolved_questions.stage = newest_answer_years.stage
),

-- One measure: the first that answers.
ranked_measures as (
    select
        mart.*,
        dense_rank() over (
            partition by mart.stage
            order by
                mart.origin_id is null,
                case mart.measure when 'contained' then 1 when 'gross' then 2 else 3 end
        ) as place
    from critical_minerals.marts.mart_dependency_view as mart
    inner join questions
        on
            mart.importer_id = questions.importer_id
            and mart.mineral_id = questions.mineral_id
            and mart.stage = questions.stage
            and mart.reference_year = questions.reference_year
    where mart.series_level = 'mineral_stage' and mart.denominator = 'imports'
),

with_trade_role as (
    select
        ranked_measures.*,
        network.trade_role,
        network.pass_through_share
    from ranked_measures
    left join critical_minerals.marts.mart_trade_network as network
        on
            ranked_measures.origin_id = network.country_iso3
            and ranked_measures.mineral_id = network.mineral_id
            and ranked_measures.stage = network.stage
            and ranked_measures.reference_year = network.reference_year
    where ranked_measures.place = 1 and coalesce(ranked_measures.origin_kind, 'country') = 'country'
)

select
    answer.importer_id,
    importer_party.party_name as importer_name,
    answer.mineral_id,
    minerals.mineral_name,
    answer.stage,
    answer.reference_year,
    answer.origin_id,
    answer.origin_name,
    answer.measure,
    answer.declared_origin_share,
    answer.refiner_origin_share,
    answer.mine_origin_share,
    answer.refiner_unresolved_share,
    answer.mine_unresolved_share,
    answer.trade_role,
    answer.pass_through_share,
    answer.production_source_id,
    answer.edition,
    answer.series_id,
    answer.quality_flags,
    answer.null_reason,
    answer.refiner_null_reason,
    answer.mine_null_reason
from (
    select * from with_trade_role
    union all by name
    select * exclude (stage_order), 'not_looked_through' as null_reason
    from questions
    where not exists (select 1 from with_trade_role where with_trade_role.stage = questions.stage)
) as answer
left join critical_minerals.marts.dim_party as importer_party on answer.importer_id = importer_party.party_id
left join critical_minerals.marts.dim_mineral as minerals on answer.mineral_id = minerals.mineral_id
left join critical_minerals.marts.dim_stage as stages on answer.stage = stages.stage
order by
    stages.stage_order,
    greatest(
        answer.declared_origin_share, answer.refiner_origin_share, answer.mine_origin_share
    ) desc nulls last,
    answer.origin_id;
