{#-
    Said between `as` and the bracket of a step that the next one is built on: DuckDB's planner would unfold a
    chain of steps into one plan, and takes twice as long for each. Spark has no word for it: `dbt/spark/dialect.py`
    looks for the comment.
-#}
{% macro materialized_cte() -%}
    {{ return(adapter.dispatch('materialized_cte', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__materialized_cte() -%}{%- endmacro %}

{% macro spark__materialized_cte() -%}/* held */{%- endmacro %}

{% macro duckdb__materialized_cte() -%}materialized{%- endmacro %}

{#-
    The same place, of a step that is read more than once and is little more than a table: DuckDB would copy all of
    its rows first, and know nothing of them that it knows of the table's.
-#}
{% macro inline_cte() -%}
    {{ return(adapter.dispatch('inline_cte', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__inline_cte() -%}{%- endmacro %}

{% macro duckdb__inline_cte() -%}not materialized{%- endmacro %}
