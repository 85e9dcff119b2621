{#-
    Written between `as` and the bracket of a CTE: it is computed once and kept. Without it DuckDB's planner unfolds
    a chain of CTEs into one plan, and each more doubles its time. Spark has no such keyword: `dbt/spark/dialect.py`
    finds the comment, and makes the CTE a table.
-#}
{% macro materialized_cte() -%}
    {{ return(adapter.dispatch('materialized_cte', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__materialized_cte() -%}{%- endmacro %}

{% macro spark__materialized_cte() -%}/* held */{%- endmacro %}

{% macro duckdb__materialized_cte() -%}materialized{%- endmacro %}

{#-
    The opposite, in the same place: for a CTE that is read more than once and only selects from a table. DuckDB
    would copy its rows first, without the statistics that it has of the table.
-#}
{% macro inline_cte() -%}
    {{ return(adapter.dispatch('inline_cte', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__inline_cte() -%}{%- endmacro %}

{% macro duckdb__inline_cte() -%}not materialized{%- endmacro %}
