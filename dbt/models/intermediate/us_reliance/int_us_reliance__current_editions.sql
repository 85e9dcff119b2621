{#- US net import reliance, each year's latest edition marked. Grain: the source's. -#}
with

reliance as (

    select * from {{ ref('stg_usgs_mcs_us__net_import_reliances') }}

)

select
    *,
    {{ edition_age(['source_id', 'mineral_id', 'form', 'reference_year']) }} = 1
        as is_current_edition
from reliance
