{#-
    The same flows from the seller's side, in the series that answers for the year: what each country, China
    with Hong Kong and Macao, and the EU sell to the world on each line and stage, and on stages to whom. A
    bloc's exports are those that leave it, and its world is the world's trade without what stays inside.
-#}
with

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}

),

series as (

    select * from {{ ref('int_trade__series') }}

),

chosen as (

    select * from {{ ref('int_trade__series_by_year') }}
    where is_current_series

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

-- Eurostat knows only what the EU's members buy: nobody's exports.
sold as (

    select
        imports.*,
        series.series_level
    from imports
    inner join chosen
        on
            imports.series_number = chosen.series_number
            and imports.reference_year = chosen.reference_year
    inner join series on imports.series_number = series.series_number
    left join members as own
        on
            imports.origin_number = own.bloc_number
            and imports.importer_number = own.member_number
            and imports.reference_year = own.reference_year
    where
        -- What importers alone declare tells what they buy, not what is sold to the world.
        series.has_world_exports
        and not imports.is_code_drift
        and own.bloc_number is null
        -- A buying bloc may share members with a selling one: what stays inside is not sold.
        and not (imports.is_bloc_importer and imports.is_bloc_origin)

),

world as (

    select
        series_number,
        reference_year,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(value_weighed_usd) as bigint) as value_weighed_usd,
        cast(sum(quantity_kg) as bigint) as quantity_kg
    from sold
    where not is_bloc_importer and not is_bloc_origin
    group by series_number, reference_year

),

-- What a bloc's members sell each other.
inside as (

    select
        sold.series_number,
        sold.reference_year,
        seller.bloc_number,
        cast(sum(sold.value_usd) as bigint) as value_usd,
        cast(sum(sold.value_weighed_usd) as bigint) as value_weighed_usd,
        cast(sum(sold.quantity_kg) as bigint) as quantity_kg
    from sold
    inner join members as seller
        on
            sold.origin_number = seller.member_number
            and sold.reference_year = seller.reference_year
            and seller.bloc_id in ('CHN_HKG', 'EU27')
    inner join members as buyer
        on
            seller.bloc_number = buyer.bloc_number
            and sold.importer_number = buyer.member_number
            and sold.reference_year = buyer.reference_year
    where not sold.is_bloc_importer and not sold.is_bloc_origin
    group by sold.series_number, sold.reference_year, seller.bloc_number

),

exporters as (

    select
        sold.series_number,
        sold.reference_year,
        sold.origin_number as exporter_number,
        cast(sum(sold.value_usd) as bigint) as value_usd,
        cast(sum(sold.quantity_kg) as bigint) as quantity_kg,
        cast(sum(sold.contained_g) as bigint) as contained_g,
        cast(sum(sold.contained_low_g) as bigint) as contained_low_g,
        cast(sum(sold.contained_high_g) as bigint) as contained_high_g,
        case
            when not sold.is_bloc_origin
                then
                    rank() over (
                        partition by
                            sold.series_number, sold.reference_year, sold.is_bloc_origin
                        order by sum(sold.value_usd) desc
                    )
        end as exporter_rank,
        cast(sum(sold.value_weighed_usd) as bigint) as value_weighed_usd,
        min(sold.first_stage_order) as first_stage_order,
        max(sold.last_stage_order) as last_stage_order,
        cast(
            sum(cast(sold.value_usd as decimal(19, 0)) * sold.value_usd) as double
        ) as value_squared
    from sold
    where not sold.is_bloc_importer
    group by
        sold.series_number, sold.reference_year, sold.origin_number, sold.is_bloc_origin

),

destinations as (

    select
        series_number,
        reference_year,
        exporter_number,
        cast(null as smallint) as destination_number,
        value_usd,
        quantity_kg,
        contained_g,
        first_stage_order,
        last_stage_order,
        contained_low_g,
        contained_high_g,
        cast(null as bigint) as destination_rank
    from exporters
    union all
    select
        sold.series_number,
        sold.reference_year,
        sold.origin_number as exporter_number,
        sold.importer_number as destination_number,
        sold.value_usd,
        sold.quantity_kg,
        sold.contained_g,
        sold.first_stage_order,
        sold.last_stage_order,
        sold.contained_low_g,
        sold.contained_high_g,
        case
            when not sold.is_bloc_importer
                then
                    rank() over (
                        partition by
                            sold.series_number, sold.reference_year, sold.origin_number,
                            sold.is_bloc_importer
                        order by sold.value_usd desc
                    )
        end as destination_rank
    from sold
    where sold.series_level = 'mineral_stage'

)

select
    destinations.series_number,
    destinations.reference_year,
    destinations.exporter_number,
    destinations.destination_number,
    destinations.value_usd,
    destinations.quantity_kg,
    destinations.contained_g,
    destinations.first_stage_order,
    destinations.last_stage_order,
    destinations.contained_low_g,
    destinations.contained_high_g,
    destinations.destination_rank,
    exporters.exporter_rank,
    exporters.value_usd as exported_usd,
    exporters.quantity_kg as exported_kg,
    exporters.value_weighed_usd as exported_weighed_usd,
    exporters.value_squared,
    world.value_usd - coalesce(inside.value_usd, 0) as world_usd,
    coalesce(world.value_weighed_usd, 0) - coalesce(inside.value_weighed_usd, 0)
        as world_weighed_usd,
    coalesce(world.quantity_kg, 0) - coalesce(inside.quantity_kg, 0) as world_kg
from destinations
inner join exporters
    on
        destinations.series_number = exporters.series_number
        and destinations.reference_year = exporters.reference_year
        and destinations.exporter_number = exporters.exporter_number
inner join world
    on
        destinations.series_number = world.series_number
        and destinations.reference_year = world.reference_year
left join inside
    on
        destinations.series_number = inside.series_number
        and destinations.reference_year = inside.reference_year
        and destinations.exporter_number = inside.bloc_number
order by
    destinations.exporter_number, destinations.series_number, destinations.reference_year,
    destinations.destination_number
