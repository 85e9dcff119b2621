with

reliance as (

    select
        *,
        {{ edition_age(['source_id', 'mineral_id', 'form', 'reference_year']) }} = 1
            as is_current_edition
    from {{ ref('stg_usgs_mcs_us__net_import_reliances') }}

),

final as (

    select
        cast(source_row_id as varchar) as source_row_id,
        cast(source_id as varchar) as source_id,
        cast(edition as varchar) as edition,
        cast(released_on as date) as released_on,
        cast(is_current_edition as boolean) as is_current_edition,
        cast('USA' as varchar) as importer_id,
        cast(mineral_id as varchar) as mineral_id,
        cast(form as varchar) as form,
        cast(consumption_basis as varchar) as consumption_basis,
        cast(reference_year as integer) as reference_year,
        cast(net_import_reliance_share as double) as net_import_reliance_share,
        cast(net_import_reliance_share_lower as double) as net_import_reliance_share_lower,
        cast(net_import_reliance_share_upper as double) as net_import_reliance_share_upper,
        cast(value_status as varchar) as value_status,
        cast(is_estimated as boolean) as is_estimated,
        cast(derivation as varchar) as derivation,
        cast(published_commodity as varchar) as published_commodity,
        cast(published_measure as varchar) as published_measure,
        cast(published_value as varchar) as published_value,
        cast(source_file as varchar) as source_file
    from reliance

)

{{ with_names() }}
order by
    source_id, edition, mineral_id, form, reference_year
