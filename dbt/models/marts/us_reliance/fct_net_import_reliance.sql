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
        *,
        'USA' as importer_id
    from reliance

)

{{ contract_columns() }}
order by
    source_id, edition, mineral_id, form, reference_year
