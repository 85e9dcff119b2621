{#- The only way to the lake: a source table, whatever engine reads the Parquet behind it. -#}
{% macro lake(source_name, table_name) -%}
    {{ return(adapter.dispatch('lake', 'chokepoint')(source_name, table_name)) }}
{%- endmacro %}

{% macro default__lake(source_name, table_name) -%}
    {{ return(source(source_name, table_name)) }}
{%- endmacro %}
