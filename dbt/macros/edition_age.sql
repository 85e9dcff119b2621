{#-
    The one rule of which edition is current: among those that publish the same keys, the newest, which has
    age 1. Of two that came out on one day it is the one whose name sorts last, so that no order of rows
    decides. `first` is what counts before the date; `table` is the name that the columns need in a join.
-#}
{% macro edition_age(keys, first=none, table=none) -%}
    dense_rank() over (
        partition by {{ keys | join(', ') }}
        order by {% if first %}{{ first }}, {% endif %}{{ newest_first(table) }}
    )
{%- endmacro %}

{#- Editions in order, the newest first. -#}
{% macro newest_first(table=none) -%}
    {%- set prefix = table ~ '.' if table else '' -%}
    {{ prefix }}released_on desc, {{ prefix }}edition desc
{%- endmacro %}
