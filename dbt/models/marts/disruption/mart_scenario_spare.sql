with

producers as (

    select * from {{ ref('int_disruption__spares') }}
    where spare_basis <> 'unknown'

),

final as (

    select
        *,
        case when spare_basis = 'rest' then 'REST' else country_iso3 end as geography_id,
        spare_g / 1000000 as spare_tonnes_low,
        spare_high_g / 1000000 as spare_tonnes_high,
        source_id as spare_source_id,
        is_estimated as is_spare_estimated
    from producers

)

{{ contract_columns() }}
order by mineral_id, stage, reference_year, origin_view, geography_id
