{#-
    Where a node's supply comes from, by proportional mixing: whatever a node sells is the mix of what it makes
    and buys. X = A X + B, with A the flows as parts of the importer's supply and B what a node makes itself or
    has no origin for, solved by a fixed number of steps from "all still under way" (origin 0). Steps lose
    nothing: each node's rows keep adding up to one. Shares are whole units of 1e-15, so that no order of
    addition changes a digit: as doubles, which hold whole numbers of this size exactly and are added fastest. Origin -1: the gap of a country that the source does not name, or withholds;
    -2: the gap of one that it names.
-#}
{%- set steps = threshold('look_through_steps') | int(2) %}
with

edges as (

    select
        graph_number * 1000 + importer_number as importer_key,
        graph_number * 1000 + exporter_number as exporter_key,
        exporter_number,
        exporter_number > 0 and exporter_number <> importer_number as is_bought,
        supply_share,
        is_sold_on
    from {{ ref('int_look_through__edges') }}

),

flows as {{ held() }} (

    select * from edges
    where is_bought and supply_share > 0

),

-- What a node makes itself, and what has no origin.
absorbed as {{ held() }} (

    select
        importer_key as node_key,
        exporter_number as origin_number,
        is_sold_on,
        round(supply_share * 1e15) as units
    from edges
    where not is_bought and supply_share > 0

),

step_0 as (

    select distinct
        importer_key as node_key,
        0 as origin_number,
        cast(1000000000000000 as double) as units
    from edges

),
{%- for step in range(1, steps + 1) %}

step_{{ step }} as {{ held() }} (

    select
        node_key,
        origin_number,
        sum(units) as units
    from (
        select
            flows.importer_key as node_key,
            before.origin_number,
            round(flows.supply_share * before.units) as units
        from flows
        inner join step_{{ step - 1 }} as before on flows.exporter_key = before.node_key
        -- Only what a node sells on passes its origins on: the last step is taken for all.
        {%- if not loop.last %}
        where flows.is_sold_on
        {%- endif %}
        union all
        select
            node_key,
            origin_number,
            units
        from absorbed
        {%- if not loop.last %}
        where is_sold_on
        {%- endif %}
    ) as arriving
    group by node_key, origin_number

){{ '' if loop.last else ',' }}
{%- endfor %}

select
    cast(floor(node_key / 1000) as integer) as graph_number,
    cast(node_key % 1000 as smallint) as party_number,
    origin_number,
    cast(units as bigint) as units
from step_{{ steps }}
where units > 0
