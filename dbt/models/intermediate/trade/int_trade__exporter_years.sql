{#-
    What each country, China with Hong Kong and Macao, and the EU sell to all the world of a series in a year, and
    what the world sells: shares are of these. A bloc's world is the world's trade without what stays inside.
-#}
with

{{ sold_imports() }},

members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),
stages as (select * from {{ ref('stg_reference__stages') }}),

world as (

    select
        series_year_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(value_weighed_usd) as bigint) as value_weighed_usd,
        cast(sum(quantity_kg) as bigint) as quantity_kg
    from sales
    where not is_bloc_importer and not is_bloc_origin
    group by series_year_number

),

-- What a bloc's members sell each other.
intra_bloc_sales as (

    select
        sales.series_year_number,
        seller.bloc_number,
        cast(sum(sales.value_usd) as bigint) as value_usd,
        cast(sum(sales.value_weighed_usd) as bigint) as value_weighed_usd,
        cast(sum(sales.quantity_kg) as bigint) as quantity_kg
    from sales
    inner join members as seller
        on
            sales.origin_number = seller.member_number
            and sales.reference_year = seller.reference_year
            and seller.bloc_id in ('CHN_HKG', 'EU27')
    inner join members as buyer
        on
            seller.bloc_number = buyer.bloc_number
            and sales.importer_number = buyer.member_number
            and sales.reference_year = buyer.reference_year
    where not sales.is_bloc_importer and not sales.is_bloc_origin
    group by sales.series_year_number, seller.bloc_number

),

exporters as (

    select
        series_year_number,
        origin_number as exporter_number,
        is_bloc_origin,
        {%- for measure in [
            'value_usd', 'value_weighed_usd', 'quantity_kg', 'contained_g', 'contained_low_g',
            'contained_high_g', 'outlier_kg'
        ] %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {%- endfor %}
        cast(sum(cast(value_usd as decimal(19, 0)) * value_usd) as double) as value_squared,
        bool_or(has_double_count) as has_double_count,
        min(first_stage_order) as first_stage_order,
        max(last_stage_order) as last_stage_order
    from sales
    where not is_bloc_importer
    group by series_year_number, origin_number, is_bloc_origin

)

select
    cast(
        row_number() over (
            order by exporters.exporter_number, exporters.series_year_number
        ) as integer
    ) as exporter_year_number,
    exporters.exporter_number,
    exporters.series_year_number,
    series_years.series_number,
    series_years.reference_year,
    exporters.value_usd,
    exporters.quantity_kg,
    exporters.contained_g,
    exporters.contained_low_g,
    exporters.contained_high_g,
    nullif(stages.stage, series_years.stage) as other_stage,
    coalesce(exporters.first_stage_order <> exporters.last_stage_order, false)
        as has_several_stages,
    coalesce(exporters.has_double_count, false) as has_double_count,
    coalesce(
        exporters.outlier_kg > {{ threshold('outlier_quantity_share') }} * exporters.quantity_kg,
        false
    ) as has_outliers,
    exporters.value_squared,
    case
        when not exporters.is_bloc_origin
            then
                rank() over (
                    partition by exporters.series_year_number, exporters.is_bloc_origin
                    order by exporters.value_usd desc
                )
    end as exporter_rank,
    {{ is_weighed('exporters.value_weighed_usd', 'exporters.value_usd') }} as is_exporter_weighed,
    world.value_usd - coalesce(intra_bloc_sales.value_usd, 0) as world_usd,
    coalesce(world.quantity_kg, 0) - coalesce(intra_bloc_sales.quantity_kg, 0) as world_kg,
    coalesce(world.value_weighed_usd, 0) - coalesce(intra_bloc_sales.value_weighed_usd, 0)
    >= {{ threshold('quantity_coverage_minimum') }}
    * (world.value_usd - coalesce(intra_bloc_sales.value_usd, 0)) as is_world_weighed
from exporters
inner join {{ ref('int_trade__series_by_year') }} as series_years
    on exporters.series_year_number = series_years.series_year_number
inner join world on exporters.series_year_number = world.series_year_number
left join intra_bloc_sales
    on
        exporters.series_year_number = intra_bloc_sales.series_year_number
        and exporters.exporter_number = intra_bloc_sales.bloc_number
left join stages
    on
        exporters.first_stage_order = stages.stage_order
        and exporters.last_stage_order = stages.stage_order
order by exporter_year_number
