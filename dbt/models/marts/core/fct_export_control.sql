with

controls as (

    select * from {{ ref('stg_reference__export_controls') }}
    where announced_on <= cast('{{ var("as_of") }}' as date)

),

items as (

    select * from {{ ref('stg_reference__export_control_minerals') }}

),

final as (

    select
        cast(controls.event_id as varchar) as event_id,
        cast(items.item as varchar) as item,
        cast(controls.imposing_iso3 as varchar) as imposing_iso3,
        cast(controls.target as varchar) as target,
        cast(items.mineral_id as varchar) as mineral_id,
        cast(items.stage as varchar) as stage,
        cast(items.extent as varchar) as extent,
        cast(items.scope_note as varchar) as scope_note,
        cast(controls.instrument as varchar) as instrument,
        cast(controls.announced_on as date) as announced_on,
        cast(controls.announced_precision as varchar) as announced_precision,
        cast(controls.effective_from as date) as effective_from,
        cast(controls.effective_to as date) as effective_to,
        cast(controls.date_precision as varchar) as date_precision,
        cast(controls.suspended_from as date) as suspended_from,
        cast(controls.suspended_until as date) as suspended_until,
        cast(controls.legal_ref as varchar) as legal_ref,
        cast(controls.status_claims as varchar) as status_claims,
        cast(controls.source as varchar) as source,
        cast(controls.url as varchar) as source_url,
        cast(controls.verified as varchar) as verified,
        cast(controls.note as varchar) as note
    from controls
    inner join items on controls.event_id = items.event_id

)

select * from final
order by
    event_id, item
