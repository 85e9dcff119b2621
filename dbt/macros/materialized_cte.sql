{#-
    Written between `as` and the bracket of a CTE: it is computed once and kept. Without it DuckDB's planner unfolds
    a chain of CTEs into one plan, and each more doubles its time. Spark has no such keyword: `dbt/spark/dialect.py`
    finds the comment, and makes the CTE a table. Each such table costs Spark a job, so that of a long chain it should
    hold some steps only: `is_held_by_spark` says which.
-#}
{% macro materialized_cte(is_held_by_spark=true) -%}
    {{ return(adapter.dispatch('materialized_cte', 'chokepoint')(is_held_by_spark)) }}
{%- endmacro %}

{% macro default__materialized_cte(is_held_by_spark) -%}{%- endmacro %}

{% macro spark__materialized_cte(is_held_by_spark) -%}
    {{ return('/* held */' if is_held_by_spark else '') }}
{%- endmacro %}

{% macro duckdb__materialized_cte(is_held_by_spark) -%}materialized{%- endmacro %}

{#-
    The opposite, in the same place: for a CTE that is read more than once and only selects from a table. DuckDB
    would copy its rows first, without the statistics that it has of the table.
-#}
{% macro inline_cte() -%}
    {{ return(adapter.dispatch('inline_cte', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__inline_cte() -%}{%- endmacro %}

{% macro duckdb__inline_cte() -%}not materialized{%- endmacro %}
