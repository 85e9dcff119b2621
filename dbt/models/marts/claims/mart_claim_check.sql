with

claims as (

    select * from {{ ref('stg_reference__claims') }}

),

by_production as (

    select * from {{ ref('int_claims__production_verdicts') }}

),

-- Claims that production can't test, or that no figure of ours meets, keep a row that says so.
dated as (

    select
        claims.*,
        'claim_date' as as_of_kind
    from claims
    union all
    select
        claims.*,
        'today' as as_of_kind
    from claims

),

newest as (

    select max(released_on) as newest_release
    from {{ ref('stg_reference__editions') }}

),

by_imports as (

    select * from {{ ref('int_claims__import_verdicts') }}

),

by_events as (

    select * from {{ ref('int_claims__event_verdicts') }}

),

tested as (

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

),

untested as (

    select
        dated.claim_id,
        dated.test_basis as measure,
        dated.as_of_kind,
        case
            when dated.as_of_kind = 'claim_date' then dated.claimed_on
            else newest.newest_release
        end as as_of,
        'cannot_be_tested' as verdict,
        case dated.test_basis
            when 'trade' then 'no figure of trade tests it. '
            when 'controls' then 'no event of our list tests it. '
            when 'lists' then 'none of our lists tests it. '
            when 'production' then 'no figure was out at this date. '
            else 'no open figure tests it. '
        end || dated.correction as explanation
    from dated
    cross join newest
    left join tested
        on
            dated.claim_id = tested.claim_id
            and dated.as_of_kind = tested.as_of_kind
    where tested.claim_id is null

),

checked as (

    select * from by_production
    union all by name
    select
        *,
        case when edition is not null then true end as is_newest_known_edition
    from by_imports
    union all by name
    select * from by_events
    union all by name
    select * from untested

),

final as (

    select
        cast(checked.claim_id as varchar) as claim_id,
        cast(claims.claim_text as varchar) as claim_text,
        cast(claims.claimed_on as date) as claimed_on,
        cast(claims.claimed_low as double) as claimed_low,
        cast(claims.claimed_high as double) as claimed_high,
        cast(checked.measure as varchar) as measure,
        cast(coalesce(checked.country_iso3, countries.country_iso3) as varchar) as country_iso3,
        cast(coalesce(checked.importer_id, checked.country_iso3) as varchar) as party_id,
        cast(checked.origin_id as varchar) as counterparty_id,
        cast(checked.mineral_id as varchar) as mineral_id,
        cast(checked.stage as varchar) as stage,
        cast(checked.source_id as varchar) as source_id,
        cast(checked.edition as varchar) as edition,
        cast(checked.is_newest_known_edition as boolean) as is_newest_known_edition,
        cast(checked.reference_year as integer) as reference_year,
        cast(checked.share_measure as varchar) as share_measure,
        cast(checked.base_first_year as integer) as base_first_year,
        cast(checked.base_last_year as integer) as base_last_year,
        cast(checked.base_share as double) as base_share,
        cast(checked.sector as varchar) as sector,
        cast(checked.evidence_id as varchar) as evidence_id,
        cast(checked.computed_low as double) as computed_low,
        cast(checked.computed_high as double) as computed_high,
        cast(checked.as_of_kind as varchar) as as_of_kind,
        cast(checked.as_of as date) as as_of,
        cast(checked.verdict as varchar) as verdict,
        cast(checked.explanation as varchar) as explanation,
        cast(claims.correction_source as varchar) as correction_source,
        cast(claims.verified as varchar) as verified
    from checked
    inner join claims on checked.claim_id = claims.claim_id
    left join {{ ref('stg_reference__countries') }} as countries
        on checked.importer_id = countries.country_iso3

)

{{ with_names() }}
order by
    claim_id, as_of_kind, measure, mineral_id nulls first, stage, source_id, edition, party_id,
    share_measure, base_first_year, sector, evidence_id
