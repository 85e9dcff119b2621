with

{{ claim_days() }},

claims as (select * from {{ ref('stg_reference__claims') }}),
by_production as (select * from {{ ref('int_claims__production_verdicts') }}),

by_imports as (select * from {{ ref('int_claims__import_verdicts') }}),
by_events as (select * from {{ ref('int_claims__event_verdicts') }}),

-- US customs, by heading: the year before the claim, and what is out of its own.
us_imports as (

    select
        subjects.claim_id,
        subjects.measure,
        subjects.geography_id as importer_id,
        subjects.partner_id as origin_id,
        claims.as_of,
        changes.source_id,
        changes.edition,
        changes.reference_year,
        changes.hs4,
        case
            when changes.period_kind = 'year' then cast(changes.reference_year as string)
            else
                'the first ' || cast(changes.period_month_count as string) || ' months of '
                || cast(changes.reference_year as string)
        end as period,
        case
            when changes.verdict is null then 'cannot_be_tested'
            when changes.verdict = 'continued' then 'agrees'
            else 'differs'
        end as verdict,
        changes.hs4_name || ': US$' || cast(round(changes.value_usd / 1e6, 1) as string)
        || ' million after ' || cast(round(changes.value_usd_year_before / 1e6, 1) as string)
        || ' a year before'
        || case
            when changes.is_mixed_heading
                then '; the heading mixes goods and tells of no single mineral'
            else ''
        end
        || case
            when changes.verdict is null then '; too little a year before to compare' else ''
        end as explanation
    from {{ ref('stg_reference__claim_subjects') }} as subjects
    inner join claim_days as claims
        on subjects.claim_id = claims.claim_id and claims.as_of_kind = 'today'
    inner join {{ ref('mart_us_trade_change') }} as changes
        on
            subjects.geography_id = changes.country_iso3
            and subjects.partner_id = changes.partner_iso3
            and changes.reference_year >= extract(year from claims.claimed_on) - 1
    where
        subjects.measure = 'us_imports_continue'
        and changes.flow = 'import'
        and changes.measure = 'value'
        and changes.value_usd is not null
        and (
            changes.period_kind = 'year'
            or changes.reference_year >= extract(year from claims.claimed_on)
        )

),

by_us_imports as (

    select
        claim_id,
        measure,
        importer_id,
        origin_id,
        as_of,
        source_id,
        edition,
        reference_year,
        'HS ' || hs4 || ', ' || period as evidence_id,
        verdict,
        explanation
    from us_imports
    union all
    select
        claim_id,
        measure,
        importer_id,
        origin_id,
        as_of,
        source_id,
        edition,
        reference_year,
        'all headings, ' || period as evidence_id,
        case
            when sum(case when verdict <> 'cannot_be_tested' then 1 else 0 end) = 0
                then 'cannot_be_tested'
            when sum(case when verdict = 'differs' then 1 else 0 end) = 0 then 'agrees'
            else 'differs'
        end as verdict,
        'holds for ' || cast(sum(case when verdict = 'agrees' then 1 else 0 end) as string)
        || ' of '
        || cast(sum(case when verdict <> 'cannot_be_tested' then 1 else 0 end) as string)
        || ' headings of '
        || cast({{ threshold('us_trade_base_usd') }} as string)
        || ' dollars and more a year before' as explanation
    from us_imports
    group by
        claim_id, measure, importer_id, origin_id, as_of, source_id, edition, reference_year, period

),

tested_claims as (

    select
        claim_id,
        as_of_kind
    from by_production
    union
    select
        claim_id,
        as_of_kind
    from by_imports
    union
    select
        claim_id,
        as_of_kind
    from by_events
    union
    select
        claim_id,
        'today' as as_of_kind
    from by_us_imports

),

-- Claims that production can't test, or that no figure of ours meets, keep a row that says so.
untested_claims as (

    select
        claim_days.claim_id,
        claim_days.test_basis as measure,
        claim_days.as_of_kind,
        claim_days.as_of,
        'cannot_be_tested' as verdict,
        case claim_days.test_basis
            when 'trade' then 'no figure of trade tests it. '
            when 'controls' then 'no event of our list tests it. '
            when 'lists' then 'none of our lists tests it. '
            when 'production' then 'no figure was out at this date. '
            else 'no open figure tests it. '
        end || claim_days.correction as explanation
    from claim_days
    left join tested_claims
        on {{ same_key('claim_days', 'tested_claims', ['claim_id', 'as_of_kind']) }}
    where tested_claims.claim_id is null

),

verdicts as (

    select * from by_production
    union all by name
    select * from by_imports
    union all by name
    select * from by_events
    union all by name
    select
        *,
        'today' as as_of_kind
    from by_us_imports
    union all by name
    select * from untested_claims

),

final as (

    select
        verdicts.claim_id,
        claims.claim_text,
        claims.claimed_on,
        -- The number of a sentence is a share; how many minerals a country leads is another.
        {%- for bound in ['claimed_low', 'claimed_high'] %}
        case when verdicts.measure <> 'leader_count' then claims.{{ bound }} end as {{ bound }},
        {%- endfor %}
        verdicts.measure,
        coalesce(verdicts.country_iso3, countries.country_iso3) as country_iso3,
        coalesce(verdicts.importer_id, verdicts.country_iso3) as party_id,
        verdicts.origin_id as counterparty_id,
        verdicts.mineral_id,
        verdicts.stage,
        verdicts.source_id,
        verdicts.edition,
        -- Production alone is tested by every edition that was out: other rows have one.
        coalesce(verdicts.is_newest_known_edition, true) as is_newest_known_edition,
        verdicts.reference_year,
        verdicts.share_measure,
        verdicts.base_first_year,
        verdicts.base_last_year,
        verdicts.base_share,
        verdicts.sector,
        verdicts.evidence_id,
        verdicts.computed_low,
        verdicts.computed_high,
        verdicts.as_of_kind,
        verdicts.as_of,
        verdicts.verdict,
        verdicts.explanation,
        claims.correction_source,
        claims.verified
    from verdicts
    inner join claims on verdicts.claim_id = claims.claim_id
    left join {{ ref('stg_reference__countries') }} as countries
        on verdicts.importer_id = countries.country_iso3

)

{{ contract_columns() }}
order by
    claim_id, as_of_kind, measure, mineral_id nulls first, stage, source_id, edition, party_id,
    share_measure, base_first_year, sector, evidence_id
