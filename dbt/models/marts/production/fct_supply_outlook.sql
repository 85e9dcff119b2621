with

outlook as (

    select * from {{ ref('stg_iea_critical_minerals__supply_outlooks') }}

),

chosen as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_current_edition
    from outlook

),

final as (

    select
        cast(source_row_id as varchar) as source_row_id,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(released_on as date) as released_on,
        cast(is_current_edition as boolean) as is_current_edition,
        cast(scenario as varchar) as scenario,
        cast(mineral_id as varchar) as mineral_id,
        cast(stage as varchar) as stage,
        cast(form as varchar) as form,
        cast(basis as varchar) as basis,
        cast(geography_kind as varchar) as geography_kind,
        cast(geography_id as varchar) as geography_id,
        cast(country_iso3 as varchar) as country_iso3,
        cast(reference_year as integer) as reference_year,
        cast(quantity_tonnes as double) as quantity_tonnes,
        cast(value_status as varchar) as value_status,
        cast(derivation as varchar) as derivation,
        cast(published_commodity as varchar) as published_commodity,
        cast(published_stage as varchar) as published_stage,
        cast(published_country as varchar) as published_country,
        cast(published_value as varchar) as published_value,
        cast(published_unit as varchar) as published_unit
    from chosen

)

{{ with_names() }}
order by
    source_id, edition, scenario, mineral_id, stage, form, reference_year, geography_id
