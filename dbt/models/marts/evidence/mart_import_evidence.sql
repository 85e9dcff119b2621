with

other_evidence as (

    select * from {{ ref('int_evidence__import_shares') }}

),

dependencies as (

    select * from {{ ref('mart_import_dependency') }}
    where series_level = 'mineral_stage'

),

-- Every question that anything but the current trade series answers.
asked as (

    select
        importer_id,
        mineral_id,
        stage,
        reference_year
    from other_evidence
    union
    select
        importer_id,
        mineral_id,
        stage,
        reference_year
    from dependencies
    where not is_current_series and value_share is not null

),

-- The current series stands beside the others there, with its figure or its reason. Of what a bloc
-- buys inside itself no share is taken.
gathered as (

    select
        dependencies.importer_id,
        dependencies.importer_kind,
        dependencies.mineral_id,
        dependencies.stage,
        dependencies.reference_year,
        dependencies.reference_year as period_from_year,
        dependencies.reference_year as period_to_year,
        dependencies.origin_id,
        dependencies.origin_kind,
        dependencies.value_share as share,
        dependencies.value_share is not null as is_answer,
        dependencies.source_id,
        dependencies.edition,
        dependencies.series_id,
        dependencies.quality_flags as trade_flags,
        dependencies.null_reason,
        case
            when dependencies.is_current_series then 'current_series' else 'other_series'
        end as evidence_kind,
        'all_lines' as goods,
        'same' as goods_match,
        'value' as share_measure
    from dependencies
    inner join asked
        on
            dependencies.importer_id = asked.importer_id
            and dependencies.mineral_id = asked.mineral_id
            and dependencies.stage = asked.stage
            and dependencies.reference_year = asked.reference_year
    where coalesce(dependencies.null_reason <> 'inside_the_bloc', true)
    union all by name
    select * from other_evidence

),

kinds as (

    select * from {{ ref('import_evidence_kind') }}

),

-- Evidence as a whole, over its origins.
evidence as (

    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        evidence_kind,
        goods,
        goods_match,
        source_id,
        edition,
        series_id,
        period_from_year,
        period_to_year,
        bool_or(is_answer) as is_answer
    from gathered
    group by
        importer_id, mineral_id, stage, reference_year, evidence_kind, goods, goods_match,
        source_id, edition, series_id, period_from_year, period_to_year

),

ranked as (

    select
        evidence.*,
        kinds.denominator,
        case
            when evidence.is_answer
                then
                    row_number() over (
                        partition by
                            evidence.importer_id, evidence.mineral_id, evidence.stage,
                            evidence.reference_year
                        order by
                            case when evidence.is_answer then 0 else 1 end asc,
                            case
                                when evidence.period_to_year >= evidence.reference_year then 0
                                else 1
                            end asc,
                            kinds.priority asc,
                            evidence.period_to_year desc,
                            evidence.edition desc,
                            evidence.series_id asc,
                            evidence.goods asc
                    )
        end as evidence_rank
    from evidence
    inner join kinds on evidence.evidence_kind = kinds.evidence_kind

),

joined as (

    select
        gathered.*,
        ranked.denominator,
        ranked.evidence_rank,
        -- A bloc stands beside its members in trade; a publisher's rest is nobody.
        gathered.share is not null
        and gathered.origin_kind <> 'rest'
        and (
            gathered.origin_kind <> 'bloc'
            or gathered.evidence_kind in ('us_import_sources', 'eu_supply_study')
        ) as is_ranked_origin
    from gathered
    inner join ranked
        on
            gathered.importer_id = ranked.importer_id
            and gathered.mineral_id = ranked.mineral_id
            and coalesce(gathered.stage, '-') = coalesce(ranked.stage, '-')
            and gathered.reference_year = ranked.reference_year
            and gathered.evidence_kind = ranked.evidence_kind
            and gathered.goods = ranked.goods
            and coalesce(gathered.source_id, '-') = coalesce(ranked.source_id, '-')
            and coalesce(gathered.edition, '-') = coalesce(ranked.edition, '-')
            and coalesce(gathered.series_id, '-') = coalesce(ranked.series_id, '-')

),

ordered as (

    select
        *,
        case
            when is_ranked_origin
                then
                    row_number() over (
                        partition by
                            importer_id, mineral_id, stage, reference_year, evidence_kind, goods,
                            source_id, edition, series_id
                        order by
                            case when is_ranked_origin then share end desc nulls last,
                            origin_id asc
                    )
        end as origin_rank
    from joined

),

final as (

    select
        *,
        coalesce(evidence_rank = 1, false) as is_best_evidence,
        nullif(
            concat_ws(
                ',',
                case when period_to_year < reference_year then 'earlier_period' end,
                case when goods_match = 'larger_part' then 'larger_part' end,
                case when period_to_year > period_from_year then 'period_mean' end,
                trade_flags
            ),
            ''
        ) as quality_flags
    from ordered

)

{{ contract_columns() }}
order by
    importer_id, mineral_id, stage, reference_year, evidence_kind, goods, source_id, edition,
    series_id, origin_rank, origin_id
