{#-
    Said between `as` and the bracket of a step that the next one is built on: DuckDB's planner would unfold a
    chain of steps into one plan, and takes twice as long for each. Spark has no word for it: `dbt/spark/dialect.py`
    looks for the comment.
-#}
{% macro held() -%}
    {{ return(adapter.dispatch('held', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__held() -%}{%- endmacro %}

{% macro spark__held() -%}/* held */{%- endmacro %}

{% macro duckdb__held() -%}materialized{%- endmacro %}

{#-
    The same place, of a step that is read more than once and is little more than a table: DuckDB would copy all of
    its rows first, and know nothing of them that it knows of the table's.
-#}
{% macro inlined() -%}
    {{ return(adapter.dispatch('inlined', 'chokepoint')()) }}
{%- endmacro %}

{% macro default__inlined() -%}{%- endmacro %}

{% macro duckdb__inlined() -%}not materialized{%- endmacro %}
