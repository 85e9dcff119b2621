{#-
    What each control covers, item by item, with the days that hold for the item. `effect_year` is the year in which a
    control first touched a mineral: its first day, or its announcement while it has none. What narrows or widens
    later (permits that end, a second list) is the same control: the years before it stay those before its first day.
-#}
with

controls as (select * from {{ ref('stg_reference__export_controls') }}),
items as (select * from {{ ref('stg_reference__export_control_minerals') }}),

-- A control on all that is on a list covers an item from the day on which another lists it.
listings as (

    select
        items.event_id,
        items.mineral_id,
        controls.announced_on,
        controls.effective_from,
        controls.effective_to,
        items.verification
    from controls
    inner join items on controls.event_id = items.event_id
    where controls.target = 'ALL'

),

dated_items as (

    select
        controls.event_id,
        items.item,
        controls.imposing_iso3,
        controls.target as target_id,
        items.mineral_id,
        items.stage,
        items.extent,
        items.scope_note,
        controls.instrument,
        coalesce(
            items.announced_on, greatest(controls.announced_on, listings.announced_on)
        ) as announced_on,
        controls.announced_precision,
        coalesce(
            items.effective_from, greatest(controls.effective_from, listings.effective_from)
        ) as effective_from,
        coalesce(
            items.effective_to, least(controls.effective_to, listings.effective_to)
        ) as effective_to,
        controls.date_precision,
        controls.suspended_from,
        controls.suspended_until,
        items.listed_by_event_id,
        coalesce(items.legal_ref, controls.legal_ref) as legal_ref,
        controls.status_claims,
        controls.source,
        controls.url as source_url,
        controls.verified,
        controls.note,
        items.source as scope_source,
        items.url as scope_source_url,
        items.read_at,
        case
            when 'from_memory' in (items.verification, listings.verification)
                then 'from_memory'
            when 'third_party' in (items.verification, listings.verification)
                then 'third_party'
            else items.verification
        end as verification
    from controls
    inner join items on controls.event_id = items.event_id
    left join listings
        on
            items.listed_by_event_id = listings.event_id
            and items.mineral_id = listings.mineral_id

),

final as (

    select
        *,
        extract(
            year from min(coalesce(effective_from, announced_on)) over (
                partition by event_id, mineral_id
            )
        ) as effect_year
    from dated_items

)

{{ contract_columns() }}
order by
    event_id, item
