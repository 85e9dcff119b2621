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

{{ contract_columns(where_known={
    'is_estimated': "coalesce(net_import_reliance_share, net_import_reliance_share_lower, "
        "net_import_reliance_share_upper) is not null",
}) }}
order by
    source_id, edition, mineral_id, form, reference_year
