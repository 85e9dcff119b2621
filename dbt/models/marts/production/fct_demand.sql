with

demand as (select * from {{ ref('stg_iea_critical_minerals__demands') }}),

with_current_edition as (

    select
        *,
        {{ edition_age(['source_id']) }} = 1 as is_current_edition
    from demand

),

final as (

    select
        *,
        use as demand_use,
        is_estimated as is_projection
    from with_current_edition

)

{{ contract_columns() }}
order by
    source_id, edition, scenario, mineral_id, demand_use, reference_year
