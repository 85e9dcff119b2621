with

controls as (

    select * from {{ ref('stg_reference__export_controls') }}

),

items as (

    select * from {{ ref('stg_reference__export_control_minerals') }}

),

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

final as (

    select
        cast(controls.event_id as varchar) as event_id,
        cast(items.item as varchar) as item,
        cast(controls.imposing_iso3 as varchar) as imposing_iso3,
        cast(controls.target as varchar) as target_id,
        cast(items.mineral_id as varchar) as mineral_id,
        cast(items.stage as varchar) as stage,
        cast(items.extent as varchar) as extent,
        cast(items.scope_note as varchar) as scope_note,
        cast(controls.instrument as varchar) as instrument,
        cast(
            coalesce(
                items.announced_on, greatest(controls.announced_on, listings.announced_on)
            ) as date
        ) as announced_on,
        cast(controls.announced_precision as varchar) as announced_precision,
        cast(
            coalesce(
                items.effective_from, greatest(controls.effective_from, listings.effective_from)
            ) as date
        ) as effective_from,
        cast(
            coalesce(
                items.effective_to, least(controls.effective_to, listings.effective_to)
            ) as date
        ) as effective_to,
        cast(controls.date_precision as varchar) as date_precision,
        cast(controls.suspended_from as date) as suspended_from,
        cast(controls.suspended_until as date) as suspended_until,
        cast(items.listed_by_event_id as varchar) as listed_by_event_id,
        cast(coalesce(items.legal_ref, controls.legal_ref) as varchar) as legal_ref,
        cast(controls.status_claims as varchar) as status_claims,
        cast(controls.source as varchar) as source,
        cast(controls.url as varchar) as source_url,
        cast(controls.verified as varchar) as verified,
        cast(controls.note as varchar) as note,
        cast(items.source as varchar) as scope_source,
        cast(items.url as varchar) as scope_source_url,
        cast(items.read_at as varchar) as read_at,
        cast(
            case
                when 'from_memory' in (items.verification, listings.verification)
                    then 'from_memory'
                when 'third_party' in (items.verification, listings.verification)
                    then 'third_party'
                else items.verification
            end as varchar
        ) as verification
    from controls
    inner join items on controls.event_id = items.event_id
    left join listings
        on
            items.listed_by_event_id = listings.event_id
            and items.mineral_id = listings.mineral_id

)

{{ with_names() }}
order by
    event_id, item
