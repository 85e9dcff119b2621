{#-
    Where a node's supply comes from, by proportional mixing: whatever a node sells is the mix of what it makes
    and buys. X = A X + B, with A the flows as parts of the importer's supply and B what a node makes itself or
    has no origin for, solved by a fixed number of steps from "all still under way" (origin 0): here the second half
    of them. Shares are whole units of 1e-15, so that no order of addition changes a digit: as doubles, which hold
    whole numbers of this size exactly and are added fastest. Origin -1: the gap of a country that the source does
    not name, or withholds; -2: the gap of one that it names.
-#}
{%- set steps = threshold('look_through_steps') | int(2) %}
{%- set steps_left = steps - steps // 2 %}
with

step_0 as (

    select * from {{ ref('int_look_through__halfway_origins') }}

),

{{ mixing_steps(steps_left, is_last=true) }}

select
    cast(floor(node_key / 1000) as integer) as graph_number,
    cast(node_key % 1000 as smallint) as party_number,
    origin_number,
    cast(units as bigint) as units
from step_{{ steps_left }}
where units > 0
