{#-
    Where a node's supply comes from, by proportional mixing: whatever a node sells is the mix of what it makes
    and buys. X = A X + B, with A the flows as parts of the importer's supply and B what a node makes itself or
    has no origin for, solved by a fixed number of steps from "all still under way" (origin 0). Shares are whole
    units of 1e-15, so that no order of addition changes a digit: as doubles, which hold whole numbers of this
    size exactly and are added fastest. Steps lose nothing: each node's rows keep adding up to one. Only what a
    node sells on passes its origins on: before the last step other nodes are left out. Origin -1: the gap of a
    country that the source does not name, or withholds; -2: the gap of one that it names.

    Node and origin are one number while they are added up (`arrival_key`: node times 1,024, origin plus 2): DuckDB
    groups by one number with less work and memory, and holds the joins of all steps until the statement ends.
-#}
-- After the model that needs most memory of all, not beside it: a refresh runs two models at once.
-- depends_on: {{ ref('int_trade__imports_by_origin') }}
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

flows as {{ materialized_cte() }} (

    select
        exporter_key,
        cast(importer_key as bigint) * 1024 + 2 as first_arrival_key,
        supply_share,
        is_sold_on
    from edges
    where is_bought and supply_share > 0
    order by first_arrival_key

),

-- What a node makes itself, and what has no origin.
absorbing_units as {{ materialized_cte() }} (

    select
        cast(importer_key as bigint) * 1024 + 2 + exporter_number as arrival_key,
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

){%- for step in range(1, steps + 1) %},

step_{{ step }} as {{ materialized_cte(is_held_by_spark=step is divisibleby 5) }} (

    select
        cast(floor(arrival_key / 1024) as integer) as node_key,
        cast(arrival_key % 1024 as integer) - 2 as origin_number,
        units
    from (
        select
            arrival_key,
            sum(units) as units
        from (
            select
                flows.first_arrival_key + before.origin_number as arrival_key,
                round(flows.supply_share * before.units) as units
            from flows
            inner join step_{{ step - 1 }} as before on flows.exporter_key = before.node_key
            {%- if not loop.last %}
            where flows.is_sold_on
            {%- endif %}
            union all
            select
                arrival_key,
                units
            from absorbing_units
            {%- if not loop.last %}
            where is_sold_on
            {%- endif %}
        ) as arriving
        group by arrival_key
    ) as mixed
    where units > 0

)
{%- endfor %}

select
    cast(floor(node_key / 1000) as integer) as graph_number,
    cast(node_key % 1000 as smallint) as party_number,
    origin_number,
    cast(units as bigint) as units
from step_{{ steps }}
