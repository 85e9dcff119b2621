{#-
    Verdicts of claims about trade: one for each importer, mineral, stage and measure, one over the minerals
    of an importer, one over the importers of a change, and a row with the reason where no figure was known.
-#}
with

claims as (select * from {{ ref('stg_reference__claims') }}),

known_shares as (

    select
        *,
        {{ percent_text('import_share') }} || '% of '
        || case share_measure when 'value' then 'the value' else 'the tonnes' end || ' in '
        || cast(reference_year as string) as share_text,
        {{ percent_text('base_share') }} || '% in '
        || cast(base_first_year as string)
        || case
            when base_last_year > base_first_year then '-' || cast(base_last_year as string)
            else ''
        end as base_text,
        import_share - base_share as share_change,
        round(import_share - base_share + {{ threshold('claim_change_share') }}, 9) <= 0
            as has_fallen,
        round(import_share - {{ threshold('claim_reliance_share') }}, 9) >= 0 as is_reliant,
        import_value_usd < {{ threshold('de_minimis_usd') }} as is_de_minimis,
        ': it would take imports of ' || cast(claimed_year as string) || ' and later' as after_text
    from {{ ref('int_claims__import_evidence') }}

),

by_cell as (

    select
        *,
        import_share as computed_low,
        import_share as computed_high,
        case
            when import_share is null or is_de_minimis or has_missing_lines then 'cannot_be_tested'
            when measure = 'import_share' and is_reliant then 'agrees'
            when measure = 'import_share' then 'differs'
            when base_share is null then 'cannot_be_tested'
            when measure = 'import_share_fell' and has_fallen then 'agrees'
            when measure = 'import_share_stayed' and not has_fallen then 'agrees'
            else 'differs'
        end as verdict,
        case
            when import_share is null
                then
                    'no share by ' || share_measure
                    || ': too little of the value has tonnes that can be pooled'
            when is_de_minimis
                then
                    share_text || ', of imports of less than US$'
                    || cast({{ threshold('de_minimis_usd') }} / 1000000 as integer)
                    || ' million: too few to mean much'
            when measure = 'import_after'
                then share_text || after_text
            when has_missing_lines
                then share_text || ' of the lines held; others of the stage are not'
            when measure = 'import_share'
                then
                    share_text
                    || case when is_reliant then ', at least ' else ', less than ' end
                    || '{{ '%g' % (100 * (threshold('claim_reliance_share') | float)) }}%'
            when base_share is null then share_text || ': no share in every year of the base'
            else
                base_text || ', ' || share_text || ': '
                || cast(round(abs(100 * share_change), 1) as string) || ' points '
                || case when share_change < 0 then 'less' else 'more' end
                || case
                    when not has_fallen and share_change < 0 then ', less than a fall that counts'
                    else ''
                end
        end as explanation
    from known_shares
    where names_mineral or measure <> 'import_after'

),

-- Values of all minerals add up, tonnes do not.
over_minerals as (

    select
        claim_id,
        measure,
        as_of_kind,
        as_of,
        importer_id,
        origin_id,
        source_id,
        edition,
        reference_year,
        max(after_text) as after_text,
        max(correction) as correction,
        count(*) as cell_count,
        sum(case when is_reliant then 1 else 0 end) as reliant_count,
        sum(case when has_missing_lines then 1 else 0 end) as thin_count,
        {{ exact_sum('import_share * import_value_usd') }} / {{ exact_sum('import_value_usd') }}
            as import_share
    from known_shares
    where not names_mineral and share_measure = 'value'
    group by
        claim_id, measure, as_of_kind, as_of, importer_id, origin_id, source_id, edition,
        reference_year

),

all_cells as (

    select
        *,
        max(cell_count) over (partition by claim_id, measure, importer_id) as most_cells
    from over_minerals

),

over_minerals_verdicts as (

    select
        *,
        'value' as share_measure,
        import_share as computed_low,
        import_share as computed_high,
        case
            when measure = 'import_after' or 2 * cell_count < most_cells then 'cannot_be_tested'
            when round(import_share - {{ threshold('claim_reliance_share') }}, 9) >= 0 then 'agrees'
            else 'differs'
        end as verdict,
        {{ percent_text('import_share') }} || '% of the value of all minerals held in '
        || cast(reference_year as string) || ', at least '
        || '{{ '%g' % (100 * (threshold('claim_reliance_share') | float)) }}% in '
        || cast(reliant_count as string) || ' of ' || cast(cell_count as string)
        || ' minerals and stages'
        || coalesce(
            ', of which ' || cast(nullif(thin_count, 0) as string) || ' lack lines of the stage',
            ''
        )
        || case
            when measure = 'import_after' then after_text
            when 2 * cell_count < most_cells then '; this source covers a part of them'
            else ''
        end || '. ' || correction as explanation
    from all_cells

),

over_importers as (

    select
        claim_id,
        as_of_kind,
        as_of,
        origin_id,
        mineral_id,
        stage,
        source_id,
        edition,
        share_measure,
        reference_year,
        base_first_year,
        base_last_year,
        max(correction) as correction,
        min(computed_low) as computed_low,
        max(computed_high) as computed_high,
        count(*) as importer_count,
        sum(case when verdict = 'agrees' then 1 else 0 end) as agreeing_count,
        sum(case when verdict = 'cannot_be_tested' then 1 else 0 end) as open_count,
        nullif(array_to_string(
            array_sort(array_agg(importer_id) filter (where verdict = 'differs')), ', '
        ), '') as differing
    from by_cell
    where measure in ('import_share_fell', 'import_share_stayed')
    group by
        claim_id, as_of_kind, as_of, origin_id, mineral_id, stage, source_id, edition,
        share_measure, reference_year, base_first_year, base_last_year

),

over_importers_verdicts as (

    select
        *,
        'import_change' as measure,
        case
            when differing is not null then 'differs'
            when open_count > 0 then 'cannot_be_tested'
            else 'agrees'
        end as verdict,
        'holds for ' || cast(agreeing_count as string) || ' of '
        || cast(importer_count as string) || ' importers'
        || coalesce(', not for ' || differing, '') || '. ' || correction as explanation
    from over_importers

),

{{ claim_days() }},

subject_days as (

    select
        subjects.*,
        claim_days.correction,
        claim_days.as_of_kind,
        claim_days.as_of
    from {{ ref('stg_reference__claim_subjects') }} as subjects
    inner join claim_days on subjects.claim_id = claim_days.claim_id
    where
        subjects.measure in (
            'import_share', 'import_share_fell', 'import_share_stayed', 'import_after'
        )

),

-- What the subject rests on, whenever it came out: of several publishers' the earliest.
later_editions as (

    select
        known_shares.claim_id,
        known_shares.subject_no,
        min_by(
            known_shares.edition, cast(editions.released_on as string) || known_shares.edition
        ) as edition,
        min(editions.released_on) as released_on,
        -- Out at the claim's date and held, and no longer the edition that answers.
        max_by(
            older.edition, cast(older.released_on as string) || older.edition
        ) as older_edition
    from known_shares
    inner join claims on known_shares.claim_id = claims.claim_id
    inner join {{ ref('stg_reference__editions') }} as editions
        on known_shares.source_id = editions.source_id and known_shares.edition = editions.edition
    left join {{ ref('stg_reference__editions') }} as older
        on
            known_shares.source_id = older.source_id
            and known_shares.edition <> older.edition
            and claims.claimed_on >= older.released_on
    where known_shares.as_of_kind = 'today'
    group by known_shares.claim_id, known_shares.subject_no

),

gaps as (

    select
        *,
        max(reference_year) over () as latest_year
    from {{ ref('int_trade__missing_imports') }}

),

known_subjects as (

    select distinct
        claim_id,
        subject_no,
        as_of_kind
    from known_shares

),

untestable_claims as (

    select
        subject_days.claim_id,
        subject_days.measure,
        subject_days.as_of_kind,
        subject_days.as_of,
        subject_days.geography_id as importer_id,
        subject_days.partner_id as origin_id,
        subject_days.mineral_id,
        subject_days.stage,
        'cannot_be_tested' as verdict,
        case
            when later_editions.edition is not null
                then
                    'the figures are of ' || later_editions.edition || ', released on '
                    || cast(later_editions.released_on as string)
                    || coalesce(
                        '; ' || later_editions.older_edition
                        || ', which was out, answers no longer: its flows are in fct_trade',
                        '; an earlier release of the publisher existed, and is not held'
                    )
            else
                'no share can be taken of these imports'
                || coalesce(' in ' || cast(gaps.reference_year as string), '')
                || coalesce(': ' || gaps.null_reason, '')
        end || '. ' || subject_days.correction as explanation
    from subject_days
    left join known_subjects
        on
            {{ same_key(
                'subject_days', 'known_subjects', ['claim_id', 'subject_no', 'as_of_kind']
            ) }}
    left join later_editions
        on
            subject_days.claim_id = later_editions.claim_id
            and subject_days.subject_no = later_editions.subject_no
    left join gaps
        on
            subject_days.geography_id = gaps.importer_id
            and subject_days.mineral_id = gaps.mineral_id
            and subject_days.stage
            = case when gaps.reference_year = gaps.latest_year then gaps.stage end
    where known_subjects.claim_id is null

),

verdicts as (

    select * from by_cell
    union all by name
    select * from over_minerals_verdicts
    union all by name
    select * from over_importers_verdicts
    union all by name
    select * from untestable_claims

)

select
    claim_id,
    measure,
    as_of_kind,
    as_of,
    importer_id,
    origin_id,
    mineral_id,
    stage,
    source_id,
    edition,
    share_measure,
    reference_year,
    base_first_year,
    base_last_year,
    base_share,
    computed_low,
    computed_high,
    verdict,
    explanation
from verdicts
