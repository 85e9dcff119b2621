{#-
    Pooled trade of the look-through's graphs, countries apart. What a link weighs is grams; where too little of a
    graph's value has tonnes, it is dollars. `distance` is long where little is traded, and null where no weight
    is known: whole numbers, so that paths compare exactly.
-#}
with

edges as (

    select * from {{ ref('int_look_through__edges') }}
    where exporter_number > 0 and exporter_number <> importer_number

),

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where bloc_number = 0 and role = 'traded' and series_level = 'mineral_stage'

),

measures as (

    select
        graphs.graph_number,
        case
            when
                sum(edges.value_weighed_usd)
                >= {{ threshold('quantity_coverage_minimum') }} * sum(edges.value_usd)
                then graphs.measure
            else 'value'
        end as measure
    from graphs
    inner join edges on graphs.graph_number = edges.graph_number
    group by graphs.graph_number, graphs.measure

),

weighed as (

    select
        edges.graph_number,
        edges.exporter_number,
        edges.importer_number,
        measures.measure,
        edges.value_usd,
        edges.value_usd - edges.value_weighed_usd as unweighed_usd,
        edges.outlier_g,
        case when measures.measure = 'value' then edges.value_usd else edges.mass_g end as amount
    from edges
    inner join measures on edges.graph_number = measures.graph_number

)

select
    *,
    cast(ceil(1e18 / nullif(amount, 0)) as bigint) as distance
from weighed
