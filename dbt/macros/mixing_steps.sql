{#-
    Steps of a `with`: from `step_0` (node, origin, units), where a node's supply comes from after so many steps
    more. Steps lose nothing: each node's rows keep adding up to one. Only what a node sells on passes its origins
    on: before the last step of all, other nodes are left out.
-#}
{% macro mixing_steps(count, is_last) -%}
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

)
{%- for step in range(1, count + 1) %}
{%- set is_for_all = is_last and loop.last %},

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
        {%- if not is_for_all %}
        where flows.is_sold_on
        {%- endif %}
        union all
        select
            node_key,
            origin_number,
            units
        from absorbed
        {%- if not is_for_all %}
        where is_sold_on
        {%- endif %}
    ) as arriving
    group by node_key, origin_number

)
{%- endfor %}
{%- endmacro %}
