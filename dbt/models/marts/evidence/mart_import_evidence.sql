with

other_evidence as (select * from {{ ref('int_evidence__import_shares') }}),
parties as (select * from {{ ref('int_trade__parties') }}),

trade_years as (

    select
        importer_years.*,
        series_years.mineral_id,
        series_years.stage,
        series_years.is_current_series,
        importer.party_id as importer_id
    from {{ ref('int_trade__importer_years') }} as importer_years
    inner join {{ ref('int_trade__series_by_year') }} as series_years
        on importer_years.series_year_number = series_years.series_year_number
    inner join parties as importer on importer_years.importer_number = importer.party_number
    where series_years.series_level = 'mineral_stage'

),

-- Every question that anything but the current trade series answers.
questions as (

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
    from trade_years
    where not is_current_series and value_usd is not null

),

importer_years as (

    select trade_years.*
    from trade_years
    inner join questions
        on
            {{ same_key('trade_years', 'questions', [
                'importer_id', 'mineral_id', 'stage', 'reference_year',
            ]) }}

),

{{ answered_imports() }},

unanswered_cells as (

    select
        importer.party_id as importer_id,
        importer.party_kind as importer_kind,
        gaps.mineral_id,
        gaps.stage,
        gaps.reference_year,
        gaps.series_id,
        gaps.null_reason
    from {{ ref('int_trade__missing_imports') }} as gaps
    inner join parties as importer on gaps.importer_number = importer.party_number
    inner join questions
        on
            importer.party_id = questions.importer_id
            and gaps.mineral_id = questions.mineral_id
            and gaps.stage = questions.stage
            and gaps.reference_year = questions.reference_year

),

-- The current series stands beside the others there, with its figure or its reason.
trade_evidence as (

    select
        importer_id,
        importer_kind,
        mineral_id,
        stage,
        reference_year,
        origin_id,
        origin_kind,
        value_share as share,
        true as is_answer,
        source_id,
        edition,
        series_id,
        quality_flags as trade_flags,
        case when is_current_series then 'current_series' else 'other_series' end as evidence_kind
    from answered_rows
    -- Of what a bloc buys inside itself no share is taken.
    where null_reason is null
    union all by name
    select
        *,
        false as is_answer,
        'current_series' as evidence_kind
    from unanswered_cells

),

all_evidence as (

    select
        *,
        reference_year as period_from_year,
        reference_year as period_to_year,
        'all_lines' as goods,
        'same' as goods_match,
        'value' as share_measure
    from trade_evidence
    union all by name
    select * from other_evidence

),

kinds as (select * from {{ ref('import_evidence_kind') }}),

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
    from all_evidence
    group by
        importer_id, mineral_id, stage, reference_year, evidence_kind, goods, goods_match,
        source_id, edition, series_id, period_from_year, period_to_year

),

ranked_evidence as (

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

evidence_rows as (

    select
        all_evidence.*,
        ranked_evidence.denominator,
        ranked_evidence.evidence_rank,
        -- A bloc stands beside its members in trade; a publisher's rest is nobody.
        all_evidence.share is not null
        and all_evidence.origin_kind <> 'rest'
        and (
            all_evidence.origin_kind <> 'bloc'
            or all_evidence.evidence_kind in ('us_import_sources', 'eu_supply_study')
        ) as is_ranked_origin
    from all_evidence
    inner join ranked_evidence
        on
            {{ same_key('all_evidence', 'ranked_evidence', [
                'importer_id', 'mineral_id', 'reference_year', 'evidence_kind', 'goods',
            ]) }}
            and coalesce(all_evidence.stage, '-') = coalesce(ranked_evidence.stage, '-')
            and coalesce(all_evidence.source_id, '-') = coalesce(ranked_evidence.source_id, '-')
            and coalesce(all_evidence.edition, '-') = coalesce(ranked_evidence.edition, '-')
            and coalesce(all_evidence.series_id, '-') = coalesce(ranked_evidence.series_id, '-')

),

with_origin_rank as (

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
    from evidence_rows

),

final as (

    select
        *,
        coalesce(evidence_rank = 1, false) as is_best_evidence,
        {{ quality_flags({
            'earlier_period': "period_to_year < reference_year",
            'larger_part': "goods_match = 'larger_part'",
            'period_mean': "period_to_year > period_from_year",
            'share_estimated': "is_estimated",
            'supply_with_own_output': "denominator = 'supply_with_own_output'",
        }, beside='trade_flags') }} as quality_flags
    from with_origin_rank

)

{{ contract_columns() }}
order by
    importer_id, mineral_id, stage, reference_year, evidence_kind, goods, source_id, edition,
    series_id, origin_rank, origin_id
