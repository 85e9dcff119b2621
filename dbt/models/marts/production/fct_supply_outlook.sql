with

outlook as (

    select * from {{ ref('stg_iea_critical_minerals__supply_outlooks') }}

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
