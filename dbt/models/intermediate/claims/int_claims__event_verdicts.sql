{#-
    Verdicts of claims that rest on a list: export controls, agreements, end uses. An event agrees where a
    published text stands behind it and it had happened by then; what sources tell differently is not decided.
    A use that our list lacks is not refuted by that.
-#}
with

{{ claim_days() }},

subject_days as (

    select
        subjects.*,
        claim_days.correction,
        claim_days.as_of_kind,
        claim_days.as_of
    from {{ ref('stg_reference__claim_subjects') }} as subjects
    inner join claim_days on subjects.claim_id = claim_days.claim_id
    where subjects.measure in ('export_control', 'agreement', 'end_use')

),

-- Whom each control is aimed at, and its state, by day.
controls as (

    select
        facts.*,
        spans.importer_id,
        spans.status,
        spans.valid_from,
        spans.valid_to
    from {{ ref('fct_export_control') }} as facts
    inner join {{ ref('int_controls__importer_spans') }} as spans
        on facts.event_id = spans.event_id and facts.item = spans.item
    where spans.reach <> 'none'

),

agreements as (select * from {{ ref('stg_reference__trade_agreements') }}),
minerals as (select * from {{ ref('stg_reference__minerals') }}),
end_uses as (select * from {{ ref('stg_reference__end_uses') }}),

-- Both graphites are used where either is: a use stands under its mineral and under the group.
uses as (

    select
        sector,
        mineral_id,
        relevance,
        example,
        source
    from end_uses
    union all
    select
        end_uses.sector,
        minerals.parent_mineral_id as mineral_id,
        end_uses.relevance,
        end_uses.example,
        end_uses.source
    from end_uses
    inner join minerals on end_uses.mineral_id = minerals.mineral_id
    where minerals.parent_mineral_id is not null

),

sectors as (

    select distinct sector from uses

),

subject_controls as (

    select
        subject_days.*,
        controls.legal_ref,
        controls.status_claims,
        controls.effective_from,
        controls.instrument
        || coalesce(', ' || controls.legal_ref, ', no published text')
        || case
            when controls.effective_from is null then ', announced'
            else ', from ' || cast(controls.effective_from as string)
        end
        || case controls.status
            when 'ended' then ' to ' || cast(controls.effective_to as string)
            when 'suspended'
                then
                    ', suspended'
                    || coalesce(' until ' || cast(controls.suspended_until as string), '')
            when 'unknown_after_expiry' then ', unknown since its suspension ran out'
            else ''
        end
        || coalesce(': ' || controls.note, '') as control_text
    from subject_days
    left join controls
        on
            subject_days.evidence_id = controls.event_id
            and subject_days.mineral_id = controls.mineral_id
            and subject_days.geography_id = controls.importer_id
            and {{ holds_on('controls', 'subject_days.as_of') }}
    where subject_days.measure = 'export_control'

),

control_rows as (

    select
        claim_id,
        subject_no,
        'export_control' as measure,
        as_of_kind,
        as_of,
        geography_id as importer_id,
        partner_id as origin_id,
        mineral_id,
        evidence_id,
        case
            when legal_ref is not null and effective_from <= as_of then 'agrees'
            else 'cannot_be_tested'
        end as verdict,
        coalesce(
            control_text
            || case
                when legal_ref is null then coalesce('. Sources compete: ' || status_claims, '')
                else ''
            end,
            'no such control aimed at it was announced by then'
        ) as explanation
    from subject_controls
    union all by name
    select
        claim_id,
        subject_no,
        'export_control_beyond_text' as measure,
        as_of_kind,
        as_of,
        geography_id as importer_id,
        partner_id as origin_id,
        mineral_id,
        evidence_id,
        'cannot_be_tested' as verdict,
        'beyond the published text sources compete, and trade of the year is not out: '
        || status_claims as explanation
    from subject_controls
    where legal_ref is not null and status_claims is not null

),

agreement_rows as (

    select
        subject_days.claim_id,
        subject_days.subject_no,
        'agreement' as measure,
        subject_days.as_of_kind,
        subject_days.as_of,
        subject_days.geography_id as importer_id,
        subject_days.partner_id as origin_id,
        subject_days.evidence_id,
        case
            when agreements.verified in ('verified', 'reported', 'sources disagree') then 'agrees'
            else 'cannot_be_tested'
        end as verdict,
        coalesce(
            agreements.agreement_kind || ' of '
            || case agreements.date_precision
                when 'day' then cast(agreements.signed_on as string)
                else substring(cast(agreements.signed_on as string), 1, 7)
            end
            || ': ' || agreements.focus || coalesce('; ' || agreements.note, '')
            || '. ' || subject_days.correction,
            'no such agreement was signed by then'
        ) as explanation
    from subject_days
    left join agreements
        on
            subject_days.evidence_id = agreements.agreement_id
            and subject_days.geography_id = agreements.partner_iso3
            and subject_days.as_of >= agreements.signed_on
    where subject_days.measure = 'agreement'

),

subject_sectors as (

    select
        subject_days.claim_id,
        subject_days.as_of_kind,
        subject_days.as_of,
        subject_days.mineral_id,
        sectors.sector,
        min(subject_days.subject_no) as subject_no,
        count(uses.mineral_id) > 0 as is_listed,
        -- One of the rows speaks for both graphites; the first by name is the same in every run.
        min(uses.relevance || ', ' || uses.example || ' (' || uses.source || ')') as use_text
    from subject_days
    cross join sectors
    left join uses
        on
            sectors.sector = uses.sector
            and subject_days.mineral_id = uses.mineral_id
    where subject_days.measure = 'end_use'
    group by
        subject_days.claim_id,
        subject_days.as_of_kind,
        subject_days.as_of,
        subject_days.mineral_id,
        sectors.sector

),

use_rows as (

    select
        claim_id,
        subject_no,
        'end_use' as measure,
        as_of_kind,
        as_of,
        mineral_id,
        sector,
        case when is_listed then 'agrees' else 'cannot_be_tested' end as verdict,
        coalesce(use_text, 'our list of end uses does not have it, which proves nothing')
            as explanation
    from subject_sectors
    union all by name
    select
        claim_id,
        min(subject_no) as subject_no,
        'end_use' as measure,
        as_of_kind,
        as_of,
        sector,
        case when bool_or(is_listed) then 'agrees' else 'cannot_be_tested' end as verdict,
        cast(sum(case when is_listed then 1 else 0 end) as string) || ' of '
        || cast(count(*) as string) || ' minerals are listed for it: '
        || coalesce(
            nullif(array_to_string(
                array_sort(array_agg(mineral_id) filter (where is_listed)), ', '
            ), ''),
            'none'
        ) as explanation
    from subject_sectors
    group by claim_id, as_of_kind, as_of, sector

)

select * from control_rows
union all by name
select * from agreement_rows
union all by name
select * from use_rows
