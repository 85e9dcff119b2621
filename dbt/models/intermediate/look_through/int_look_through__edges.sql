{#-
    Who ships how much to whom in each graph: whole grams of what the graph counts (metal or oxide contained,
    or product as shipped) and whole dollars. In the graph of a bloc its members are one node and what they
    sell each other is gone. A cargo that stands under two codes counts once; feed counts at its own stage
    only, never as refined supply.
-#}
with

flows as (

    select * from {{ ref('int_trade__current_flows') }}
    where not is_code_drift and not is_suspected_double_count

),

graphs as (

    select * from {{ ref('int_look_through__graphs') }}

),

bases as (

    select * from graphs
    where bloc_number = 0

),

lines as (

    select
        series.series_number,
        series.mineral_id,
        chosen.reference_year
    from {{ ref('int_trade__series') }} as series
    inner join {{ ref('int_trade__series_by_year') }} as chosen
        on series.series_number = chosen.series_number
    where series.series_level = 'hs6' and chosen.is_current_series

),

factors as (

    select * from {{ ref('stg_reference__contained_factors') }}

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

weighed as (

    select
        bases.base_number,
        flows.exporter_number,
        flows.importer_number,
        flows.value_usd,
        case
            when bases.measure = 'gross' then flows.quantity_kg * 1000
            else flows.contained_g
        end as mass_g,
        flows.is_unit_value_outlier
    from flows
    inner join bases
        on
            flows.reference_year = bases.reference_year
            and flows.pool_number = bases.pool_number
            and (bases.series_level = 'mineral_stage' or flows.line_number = bases.series_number)
    where bases.role = 'traded'
    union all
    select
        bases.base_number,
        flows.exporter_number,
        flows.importer_number,
        flows.value_usd,
        coalesce(
            flows.contained_g, cast(round(flows.quantity_kg * 1000 * factors.factor) as bigint)
        ) as mass_g,
        flows.is_unit_value_outlier
    from flows
    inner join lines
        on
            flows.line_number = lines.series_number
            and flows.reference_year = lines.reference_year
    inner join bases
        on
            lines.mineral_id = bases.mineral_id
            and lines.reference_year = bases.reference_year
    left join factors on bases.feed_factor_key = factors.factor_key
    where bases.role = 'feed' and flows.stage in ('mine', 'intermediate')

),

by_country as (

    select
        base_number,
        exporter_number,
        importer_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(mass_g) as bigint) as mass_g,
        cast(sum(case when mass_g is not null then value_usd end) as bigint) as value_weighed_usd,
        cast(sum(case when is_unit_value_outlier then mass_g end) as bigint) as outlier_g
    from weighed
    group by base_number, exporter_number, importer_number

),

by_node as (

    select
        graphs.graph_number,
        coalesce(seller.bloc_number, by_country.exporter_number) as exporter_number,
        coalesce(buyer.bloc_number, by_country.importer_number) as importer_number,
        by_country.value_usd,
        by_country.mass_g,
        by_country.value_weighed_usd,
        by_country.outlier_g
    from by_country
    inner join graphs on by_country.base_number = graphs.base_number
    left join members as seller
        on
            graphs.bloc_number = seller.bloc_number
            and graphs.reference_year = seller.reference_year
            and by_country.exporter_number = seller.member_number
    left join members as buyer
        on
            graphs.bloc_number = buyer.bloc_number
            and graphs.reference_year = buyer.reference_year
            and by_country.importer_number = buyer.member_number

)

select
    graph_number,
    exporter_number,
    importer_number,
    cast(sum(value_usd) as bigint) as value_usd,
    cast(coalesce(sum(mass_g), 0) as bigint) as mass_g,
    cast(coalesce(sum(value_weighed_usd), 0) as bigint) as value_weighed_usd,
    cast(coalesce(sum(outlier_g), 0) as bigint) as outlier_g
from by_node
where exporter_number <> importer_number
group by graph_number, exporter_number, importer_number
