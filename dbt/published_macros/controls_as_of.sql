-- Which export controls are announced, in force, suspended, or of unknown state after a suspension ran out, on this day? Those that have ended by then are left out. `list_checked_on`: what happened after that day is not in the list. Argument: any date (today, if left out).
create macro critical_minerals.marts.controls_as_of(on_day := 'today') as table
with question as materialized (
    select critical_minerals.marts.resolve_day(on_day) as on_day
),

list_review as (
    select checked_on as list_checked_on
    from critical_minerals.marts.dim_reviewed_list
    where list_file = 'sources/reference/export_controls.csv'
)

select
    slice.event_id,
    slice.item,
    slice.status,
    slice.valid_from as status_since,
    cast(slice.valid_to - interval 1 day as date) as status_until,
    slice.imposing_iso3,
    slice.imposing_name,
    slice.target_id,
    slice.target_name,
    slice.instrument,
    slice.mineral_id,
    slice.mineral_name,
    slice.stage,
    slice.extent,
    fact.scope_note,
    slice.status_claims,
    fact.effective_from,
    fact.effective_to,
    fact.suspended_until,
    fact.legal_ref,
    fact.source,
    fact.source_url,
    slice.verified,
    slice.verification,
    fact.scope_source,
    fact.scope_source_url,
    fact.read_at,
    list_review.list_checked_on
from critical_minerals.marts.fct_export_control_slice as slice
inner join critical_minerals.marts.fct_export_control as fact
    on slice.event_id = fact.event_id and slice.item = fact.item
cross join question
cross join list_review
where
    slice.valid_from <= question.on_day
    and question.on_day < coalesce(slice.valid_to, date '9999-12-31')
    and slice.status <> 'ended'
order by slice.imposing_iso3, slice.event_id, slice.item;
