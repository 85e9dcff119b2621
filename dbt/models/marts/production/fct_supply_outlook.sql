with

supply as (select * from {{ ref('stg_iea_critical_minerals__supply_outlooks') }}),
capacity as (select * from {{ ref('stg_usgs_outlook__capacity_outlooks') }}),

-- What is expected to be made, and what could be: two kinds, never one series.
outlook as (

    select
        *,
        'supply' as outlook_kind
    from supply
    union all by name
    select
        *,
        'capacity' as outlook_kind,
        'announced_projects' as scenario
    from capacity

),

final as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_current_edition
    from outlook

)

{{ contract_columns() }}
order by
    source_id, edition, scenario, mineral_id, stage, form, reference_year, geography_id
