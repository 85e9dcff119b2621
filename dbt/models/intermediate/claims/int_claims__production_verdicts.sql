{#-
    Verdicts of claims about production, by what each edition said as it was known at the claim's date and as it
    is known today: one for each mineral and stage (none where the claim gives one share of all minerals), one for
    each source over the minerals that a claim names, and averages and counts, which are about another set than
    ours.
-#}
with

claims as (select * from {{ ref('stg_reference__claims') }}),
subjects as (select * from {{ ref('stg_reference__claim_subjects') }}),

-- The newest year of an edition that has a figure answers for it.
latest as (

    select
        *,
        max(case when production_share is not null then reference_year end) over (
            partition by source_id, edition, mineral_id, stage
        ) as latest_year_with_figure,
        max(released_on) over () as newest_release
    from {{ ref('int_production__shares') }}
    where is_headline

),

claims_by_day as (

    select
        claims.claim_id,
        claims.claimed_on,
        kinds.as_of_kind
    from claims
    cross join (values ('claim_date'), ('today')) as kinds (as_of_kind)
    where claims.test_basis = 'production'

),

dated_figures as (

    select
        claims_by_day.claim_id,
        subjects.subject_no,
        subjects.measure,
        claims_by_day.as_of_kind,
        case
            when claims_by_day.as_of_kind = 'claim_date' then claims_by_day.claimed_on
            else latest.newest_release
        end as as_of,
        latest.source_id,
        latest.edition,
        latest.released_on,
        latest.mineral_id,
        latest.stage,
        latest.form,
        latest.basis,
        latest.country_iso3,
        latest.reference_year,
        latest.production_share,
        latest.producer_rank
    from claims_by_day
    inner join subjects on claims_by_day.claim_id = subjects.claim_id
    inner join latest
        on
            subjects.geography_id = latest.country_iso3
            and (subjects.mineral_id is null or subjects.mineral_id = latest.mineral_id)
            and (subjects.stage is null or subjects.stage = latest.stage)
            and latest.reference_year = latest.latest_year_with_figure
            and latest.production_share is not null
    where claims_by_day.as_of_kind = 'today' or latest.released_on <= claims_by_day.claimed_on

),

known_figures as (

    select
        *,
        {{ edition_age(['claim_id', 'subject_no', 'as_of_kind', 'source_id']) }} = 1
            as is_newest_known_edition
    from dated_figures

),

-- How many minerals the claim names; none means all of ours.
named_minerals as (

    select
        claim_id,
        cast(count(distinct mineral_id) as integer) as named_count
    from subjects
    where measure = 'production_share'
    group by claim_id

),

-- Where the figure lies, beside the claimed range. One share of all minerals together is neither
-- met nor missed by that of a single one: its row is there to look at.
figure_positions as (

    select
        known_figures.*,
        case
            when claims.claim_kind = 'share' and named_minerals.named_count = 0 then 'beside'
            when
                round(
                    known_figures.production_share - claims.claimed_low
                    + {{ threshold('claim_tolerance') }}, 9
                ) < 0
                then 'below'
            when
                round(
                    known_figures.production_share - claims.claimed_high
                    - {{ threshold('claim_tolerance') }}, 9
                ) > 0
                then 'above'
            else 'within'
        end as range_side
    from known_figures
    inner join claims on known_figures.claim_id = claims.claim_id
    inner join named_minerals on known_figures.claim_id = named_minerals.claim_id
    where known_figures.measure = 'production_share'

),

by_mineral as (

    select
        claim_id,
        measure,
        as_of_kind,
        as_of,
        mineral_id,
        stage,
        country_iso3,
        source_id,
        edition,
        is_newest_known_edition,
        reference_year,
        production_share as computed_low,
        production_share as computed_high,
        case range_side
            when 'beside' then 'not_the_claim'
            when 'within' then 'agrees'
            else 'differs'
        end as verdict,
        form || ', ' || basis || ': ' || {{ percent_text('production_share') }} || '% in '
        || cast(reference_year as string)
        || case range_side
            when 'beside' then '; the claim is about all minerals together'
            when 'within' then ''
            else ', ' || range_side || ' what is claimed'
        end as explanation
    from figure_positions

),

-- One row per source over all the claim's minerals: are both ends of the claim met? A source that
-- covers only some of them can't say.
over_minerals as (

    select
        claim_id,
        measure,
        as_of_kind,
        as_of,
        max(stage) as stage,
        max(country_iso3) as country_iso3,
        source_id,
        edition,
        is_newest_known_edition,
        max(reference_year) as reference_year,
        min(computed_low) as computed_low,
        max(computed_high) as computed_high,
        count(distinct mineral_id) as mineral_count
    from by_mineral
    group by
        claim_id, measure, as_of_kind, as_of, source_id, edition, is_newest_known_edition

),

over_minerals_verdicts as (

    select
        over_minerals.claim_id,
        over_minerals.measure,
        over_minerals.as_of_kind,
        over_minerals.as_of,
        case when claims.claim_kind = 'range' then over_minerals.stage end as stage,
        over_minerals.country_iso3,
        over_minerals.source_id,
        over_minerals.edition,
        over_minerals.is_newest_known_edition,
        over_minerals.reference_year,
        over_minerals.computed_low,
        over_minerals.computed_high,
        case
            when over_minerals.mineral_count < named_minerals.named_count
                then 'cannot_be_tested'
            -- Rounded: 0.88 less 0.87 is a little more than 0.01 in binary.
            when
                round(abs(over_minerals.computed_low - claims.claimed_low), 9)
                <= {{ threshold('claim_tolerance') }}
                and round(abs(over_minerals.computed_high - claims.claimed_high), 9)
                <= {{ threshold('claim_tolerance') }}
                then 'agrees'
            else 'differs'
        end as verdict,
        case
            when over_minerals.mineral_count < named_minerals.named_count
                then
                    'covers ' || cast(over_minerals.mineral_count as string) || ' of the '
                    || cast(named_minerals.named_count as string) || ' minerals: '
            else 'over ' || cast(over_minerals.mineral_count as string) || ' minerals: '
        end
        || {{ percent_text('over_minerals.computed_low') }} || ' to '
        || {{ percent_text('over_minerals.computed_high') }} || '%. '
        || claims.correction as explanation
    from over_minerals
    inner join claims on over_minerals.claim_id = claims.claim_id
    inner join named_minerals on over_minerals.claim_id = named_minerals.claim_id

),

-- Also what the country is not named for: another one leads it.
covered_minerals as (

    select
        source_id,
        edition,
        stage,
        cast(count(distinct mineral_id) as integer) as covered_count
    from latest
    where production_share is not null
    group by source_id, edition, stage

),

-- Averages and counts over a set of minerals that our sources do not cover whole.
averages_and_counts as (

    select
        known_figures.claim_id,
        known_figures.measure,
        known_figures.as_of_kind,
        known_figures.as_of,
        max(known_figures.stage) as stage,
        max(known_figures.country_iso3) as country_iso3,
        known_figures.source_id,
        known_figures.edition,
        known_figures.is_newest_known_edition,
        max(known_figures.reference_year) as reference_year,
        {{ exact_sum('known_figures.production_share') }} / count(*) as average_share,
        cast(sum(case when known_figures.producer_rank = 1 then 1 else 0 end) as integer)
            as led_count,
        cast(count(*) as integer) as mineral_count
    from known_figures
    where known_figures.measure in ('average_production_share', 'leader_count')
    group by
        known_figures.claim_id, known_figures.measure, known_figures.as_of_kind,
        known_figures.as_of, known_figures.source_id,
        known_figures.edition, known_figures.is_newest_known_edition

),

average_verdicts as (

    select
        averages_and_counts.claim_id,
        averages_and_counts.measure,
        averages_and_counts.as_of_kind,
        averages_and_counts.as_of,
        averages_and_counts.stage,
        averages_and_counts.country_iso3,
        averages_and_counts.source_id,
        averages_and_counts.edition,
        averages_and_counts.is_newest_known_edition,
        averages_and_counts.reference_year,
        case
            when averages_and_counts.measure = 'leader_count'
                then
                    cast(averages_and_counts.led_count as double)
                    / covered_minerals.covered_count
            else averages_and_counts.average_share
        end as computed_low,
        case
            when averages_and_counts.measure = 'leader_count'
                then
                    cast(averages_and_counts.led_count as double)
                    / covered_minerals.covered_count
            else averages_and_counts.average_share
        end as computed_high,
        'cannot_be_tested' as verdict,
        'largest producer of ' || cast(averages_and_counts.led_count as string) || ' of the '
        || cast(covered_minerals.covered_count as string)
        || ' minerals that this edition covers at the stage, '
        || {{ percent_text('averages_and_counts.average_share') }} || '% on average'
        || case
            when averages_and_counts.mineral_count < covered_minerals.covered_count
                then
                    ' of the ' || cast(averages_and_counts.mineral_count as string)
                    || ' for which it is named'
            else ''
        end
        || '; the claim is about another set. ' || claims.correction as explanation
    from averages_and_counts
    inner join covered_minerals
        on
            {{ same_key('averages_and_counts', 'covered_minerals', [
                'source_id', 'edition', 'stage'
            ]) }}
    inner join claims on averages_and_counts.claim_id = claims.claim_id

)

select * from by_mineral
union all by name
select * from over_minerals_verdicts
union all by name
select * from average_verdicts
