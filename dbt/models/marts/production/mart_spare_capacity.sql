with

spares as (select * from {{ ref('int_production__spare_capacities') }}),

final as (

    select
        *,
        spare_tonnes as spare_capacity_tonnes,
        spare_tonnes_lower as spare_capacity_tonnes_lower,
        spare_tonnes_upper as spare_capacity_tonnes_upper,
        case when geography_kind <> 'rest' then spare_tonnes / nullif(capacity_tonnes, 0) end
            as idle_capacity_share,
        {{ quality_flags({
            'editions_differ': 'capacity_edition <> production_edition',
            'production_above_capacity': 'is_above_capacity',
            'total_leaves_producers_out': "geography_kind = 'world' and excluded_producers is not null",
        }) }} as quality_flags
    from spares

)

{{ contract_columns() }}
order by mineral_id, stage, form, basis, reference_year, source_id, geography_id
