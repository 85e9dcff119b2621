{#- US net import reliance, each year's latest edition marked. Grain: the source's. -#}
with

reliance as (

    select * from {{ ref('stg_usgs_mcs_us__net_import_reliances') }}
    where released_on <= cast('{{ var("as_of") }}' as date)

)

select
    *,
    row_number() over (
        partition by source_id, mineral_id, form, reference_year
        order by released_on desc
    ) = 1 as is_current_edition
from reliance
