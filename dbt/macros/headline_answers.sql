{#-
    Answers that a headline may take, one or none a source of evidence: CTEs of `mart_headline`, which has `newest`. The
    last is `answers`; `evidence_order` puts trade before other evidence, and that before none.
-#}
{% macro headline_answers() -%}
trade_answers as (

    select
        *,
        reference_year as period_from_year,
        reference_year as period_to_year,
        1 as evidence_order,
        'current_series' as evidence_kind,
        'imports' as denominator,
        'value' as share_measure
    from {{ ref('int_headline__trade_answers') }}

),

-- Where trade has no answer: the best other evidence, its largest single origin. China is 0 only
-- where it is printed as 0.
other_evidence as (

    select
        evidence.*,
        row_number() over (
            partition by
                evidence.importer_id, evidence.mineral_id, evidence.stage, evidence.reference_year
            order by
                case when evidence.origin_rank is null then 1 else 0 end asc,
                evidence.origin_rank asc,
                evidence.share_lower desc nulls last,
                evidence.origin_id asc
        ) as place,
        max(case when evidence.origin_id in ('CHN', 'CHN_HKG') then evidence.share end) over (
            partition by
                evidence.importer_id, evidence.mineral_id, evidence.stage, evidence.reference_year
        ) as china_share
    from {{ ref('mart_import_evidence') }} as evidence
    cross join newest
    where
        evidence.is_best_evidence
        and evidence.evidence_kind <> 'current_series'
        and evidence.origin_kind not in ('rest', 'group')
        and evidence.reference_year > newest.newest_year - {{ threshold('headline_years') }}

),

-- Questions that only other publications ask, and that none of them answers.
unanswered_evidence as (

    select
        evidence.*,
        row_number() over (
            partition by evidence.importer_id, evidence.mineral_id, evidence.stage
            order by
                evidence.reference_year desc, evidence.evidence_kind asc, evidence.goods asc,
                evidence.source_row_id asc
        ) as place
    from {{ ref('mart_import_evidence') }} as evidence
    cross join newest
    where
        evidence.stage is not null
        and evidence.origin_id is null
        and evidence.null_reason is not null
        and evidence.reference_year > newest.newest_year - {{ threshold('headline_years') }}

),

answers as (

    select * from trade_answers
    union all by name
    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        period_from_year,
        period_to_year,
        2 as evidence_order,
        evidence_kind,
        denominator,
        share_measure,
        importer_kind,
        source_id,
        edition,
        series_id,
        origin_id as leading_origin_id,
        share as leading_share,
        share_lower as leading_share_lower,
        share_upper as leading_share_upper,
        -- Groups of eight-digit codes are trade, too: whom they do not name sold nothing.
        case when series_id is not null then coalesce(china_share, 0) else china_share end
            as china_share,
        case when series_id is not null then coalesce(quality_flags like '%de_minimis%', false) end
            as is_de_minimis,
        quality_flags as answer_flags,
        case when share is null then 'bounded' end as null_reason
    from other_evidence
    where place = 1 and coalesce(share, share_lower) is not null
    union all by name
    -- What other evidence is asked and cannot answer either, where trade has no row at all.
    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        reference_year as period_from_year,
        reference_year as period_to_year,
        3 as evidence_order,
        evidence_kind,
        denominator,
        share_measure,
        importer_kind,
        null_reason
    from unanswered_evidence
    where place = 1

)
{%- endmacro %}

{#- Steps of a `with`: trade that headlines ask, and the newest year in which somebody's share of imports is known. -#}
{% macro headline_years() -%}
series_years as (

    select * from {{ ref('int_trade__series_by_year') }}
    where series_level = 'mineral_stage' and is_current_series

),

newest as (

    select max(series_years.reference_year) as newest_year
    from {{ ref('int_trade__importer_years') }} as importer_years
    inner join series_years
        on importer_years.series_year_number = series_years.series_year_number
    where importer_years.value_usd is not null

)
{%- endmacro %}

{#- A step of `mart_headline`: the leading makers of what each importer buys, and how much is China's. -#}
{% macro headline_look_through() -%}
{%- set question = ['graph_number', 'party_number', 'measure', 'denominator'] -%}
{{ look_through_answers() }},

-- Seen through sellers to refiners and mines: by mass where it is known, else by value.
seen_through as (

    select
        importers.party_id as importer_id,
        cases.mineral_id,
        cases.stage,
        cases.reference_year,
        cases.measure,
        {%- for maker, view in [('refiner', 'refiner'), ('miner', 'mine')] %}
        {%- for value, column in [
            ('origins.party_id', 'id'), ('shares.' ~ view ~ '_origin_share', 'share'),
        ] %}
        -- Of more that nobody is named for, another may have the most.
        max(
            case
                when
                    cases.{{ view }}_null_reason is null
                    and shares.{{ view }}_origin_rank = 1
                    and shares.{{ view }}_origin_share >= shares.{{ view }}_unresolved_share
                    then {{ value }}
            end
        ) as leading_{{ maker }}_{{ column }},
        {%- endfor %}
        case
            when cases.{{ view }}_null_reason is null
                then
                    max(
                        case when origins.party_id = 'CHN' then shares.{{ view }}_origin_share end
                    )
        end as china_{{ view }}_share,
        case
            when cases.{{ view }}_null_reason is null
                then max(shares.{{ view }}_unresolved_share)
        end as {{ view }}_unresolved_share,
        {%- endfor %}
        row_number() over (
            partition by importers.party_id, cases.mineral_id, cases.stage, cases.reference_year
            order by case cases.measure when 'contained' then 1 when 'gross' then 2 else 3 end
        ) as place
    from {{ ref('int_look_through__importer_cases') }} as cases
    inner join answers_by_party
        on {{ same_key('cases', 'answers_by_party', ['party_number', 'reference_year']) }}
    inner join {{ ref('int_trade__parties') }} as importers
        on answers_by_party.importer_number = importers.party_number
    left join {{ ref('int_look_through__origin_shares') }} as shares
        on {{ same_key('cases', 'shares', question) }}
    left join {{ ref('int_trade__parties') }} as origins on shares.origin_number = origins.party_number
    where
        cases.series_level = 'mineral_stage'
        and cases.denominator = 'imports'
        and cases.null_reason is null
    group by
        importers.party_id, cases.mineral_id, cases.stage, cases.reference_year, cases.measure,
        cases.refiner_null_reason, cases.mine_null_reason

)
{%- endmacro %}
