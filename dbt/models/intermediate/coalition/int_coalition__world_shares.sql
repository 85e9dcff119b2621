{#-
    Each party's part of the world's production by the headline of each source in its latest year; a bloc's is
    its members' named shares added up. Sources stand in the order of `source_priority`; who is not named, or
    has no figure, in one stands in the next that has one, with its name and year.
-#}
with

shares as (

    select * from {{ ref('int_production__shares') }}
    where
        is_headline
        and is_current_edition
        and geography_kind = 'country'
        and reference_year = latest_year_of_edition

),

priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'production'

),

members as (

    select
        group_id as bloc_id,
        party_id,
        member_id as country_iso3
    from {{ ref('stg_reference__country_group_members') }}

),

party_members as (

    select
        party_id,
        country_iso3
    from members
    where bloc_id = 'MEETING_2026_01_12' and party_id = country_iso3
    union all
    select
        bloc_id as party_id,
        country_iso3
    from members
    where bloc_id in ('EU27', 'MEETING_2026_01_12')

),

sources as (

    select
        shares.mineral_id,
        shares.stage,
        shares.source_id,
        shares.edition,
        shares.reference_year,
        row_number() over (
            partition by shares.mineral_id, shares.stage
            order by priorities.priority asc, shares.reference_year desc
        ) as source_order
    from shares
    inner join priorities on shares.source_id = priorities.source_id
    where shares.production_share is not null
    group by
        shares.mineral_id, shares.stage, shares.source_id, shares.edition,
        shares.reference_year, priorities.priority

),

parties as (

    select distinct party_id from party_members

),

party_shares as (

    select
        sources.mineral_id,
        sources.stage,
        sources.source_id,
        sources.edition,
        sources.reference_year,
        sources.source_order,
        parties.party_id,
        {{ exact_sum('shares.production_share') }} as world_production_share,
        -- A source that does not name a country says nothing of it; a printed zero is a share of 0.
        case
            when count(shares.production_share) > 0 then null
            when count(shares.value_status) = 0 then 'country_not_named'
            else 'figure_' || max(shares.value_status)
        end as null_reason,
        coalesce(bool_or(shares.value_status = 'withheld'), false) as has_withheld_producer
    from sources
    cross join parties
    inner join party_members on parties.party_id = party_members.party_id
    left join shares
        on
            sources.mineral_id = shares.mineral_id
            and sources.stage = shares.stage
            and sources.source_id = shares.source_id
            and sources.edition = shares.edition
            and sources.reference_year = shares.reference_year
            and party_members.country_iso3 = shares.country_iso3
    group by
        sources.mineral_id, sources.stage, sources.source_id, sources.edition,
        sources.reference_year, sources.source_order, parties.party_id

),

ranked_shares as (

    select
        *,
        row_number() over (
            partition by mineral_id, stage, party_id
            order by
                case when world_production_share is null then 2 else 1 end,
                source_order
        ) as answer_order
    from party_shares

)

select
    mineral_id,
    stage,
    source_id,
    edition,
    reference_year,
    party_id,
    world_production_share,
    null_reason,
    has_withheld_producer
from ranked_shares
where answer_order = 1
