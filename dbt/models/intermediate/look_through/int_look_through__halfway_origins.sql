{#-
    The first half of the steps of `int_look_through__node_origins`, from "all still under way". On its own, since
    DuckDB holds the joins of all steps of a statement in memory until it ends; and after the model that needs most
    memory of all, not beside it: a refresh runs two models at once.
-#}
-- depends_on: {{ ref('int_trade__imports_by_origin') }}
{%- set steps = threshold('look_through_steps') | int(2) // 2 %}
with

step_0 as (

    select distinct
        graph_number * 1000 + importer_number as node_key,
        0 as origin_number,
        cast(1000000000000000 as double) as units
    from {{ ref('int_look_through__edges') }}

),

{{ mixing_steps(steps, is_last=false) }}

select
    node_key,
    origin_number,
    units
from step_{{ steps }}
