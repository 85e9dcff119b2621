{#-
    What an exporter sells to all the world of a series in a year, and what the world sells: shares are of these.
-#}
with

exports as (

    select * from {{ ref('int_trade__exports_by_destination') }}
    where destination_number is null

),

series_years as (

    select * from {{ ref('int_trade__series_years') }}

),

stages as (

    select * from {{ ref('stg_reference__stages') }}

)

select
    cast(
        row_number() over (
            order by exports.exporter_number, series_years.series_year_number
        ) as integer
    ) as exporter_year_number,
    exports.exporter_number,
    series_years.series_year_number,
    exports.series_number,
    exports.reference_year,
    exports.value_usd,
    exports.quantity_kg,
    exports.contained_g,
    exports.contained_low_g,
    exports.contained_high_g,
    nullif(stages.stage, series_years.stage) as other_stage,
    coalesce(exports.first_stage_order <> exports.last_stage_order, false) as has_several_stages,
    exports.value_squared,
    exports.exporter_rank,
    coalesce(
        exports.exported_weighed_usd
        >= {{ threshold('quantity_coverage_minimum') }} * exports.exported_usd,
        false
    ) as is_exporter_weighed,
    exports.world_usd,
    exports.world_kg,
    exports.world_weighed_usd
    >= {{ threshold('quantity_coverage_minimum') }} * exports.world_usd as is_world_weighed
from exports
inner join series_years
    on
        exports.series_number = series_years.series_number
        and exports.reference_year = series_years.reference_year
left join stages
    on
        exports.first_stage_order = stages.stage_order
        and exports.last_stage_order = stages.stage_order
order by exporter_year_number
