with

controls as (select * from {{ ref('fct_export_control') }}),

items as (

    select
        event_id,
        item,
        announced_on,
        effective_from,
        effective_to,
        suspended_from,
        suspended_until
    from controls

),

-- Days on which a status can begin. Last days are days of the old status.
boundaries as (

    select
        event_id,
        item,
        announced_on as valid_from
    from items
    union
    select
        event_id,
        item,
        effective_from as valid_from
    from items
    union
    select
        event_id,
        item,
        cast(effective_to + interval 1 day as date) as valid_from
    from items
    union
    select
        event_id,
        item,
        suspended_from as valid_from
    from items
    union
    select
        event_id,
        item,
        cast(suspended_until + interval 1 day as date) as valid_from
    from items

),

-- The order of the rules is that of sources/reference/README.md.
with_status as (

    select
        boundaries.event_id,
        boundaries.item,
        boundaries.valid_from,
        case
            when boundaries.valid_from > items.effective_to then 'ended'
            when
                boundaries.valid_from >= items.suspended_from
                and boundaries.valid_from
                <= coalesce(items.suspended_until, cast('9999-12-31' as date))
                then 'suspended'
            when boundaries.valid_from > items.suspended_until then 'unknown_after_expiry'
            when
                items.effective_from is null or boundaries.valid_from < items.effective_from
                then 'announced'
            else 'active'
        end as status
    from boundaries
    inner join items
        on boundaries.event_id = items.event_id and boundaries.item = items.item
    where boundaries.valid_from is not null

),

with_status_before as (

    select
        *,
        lag(status) over (partition by event_id, item order by valid_from) as status_before
    from with_status

),

slices as (

    select
        event_id,
        item,
        valid_from,
        lead(valid_from) over (partition by event_id, item order by valid_from) as valid_to,
        status
    from with_status_before
    where status_before is null or status <> status_before

),

final as (

    select
        controls.event_id,
        controls.item,
        slices.valid_from,
        slices.valid_to,
        slices.status,
        controls.status_claims,
        controls.imposing_iso3,
        controls.target_id,
        controls.instrument,
        controls.mineral_id,
        controls.stage,
        controls.extent,
        controls.date_precision,
        controls.verified,
        controls.verification
    from controls
    inner join slices
        on controls.event_id = slices.event_id and controls.item = slices.item

)

{{ contract_columns() }}
order by
    event_id, item, valid_from
