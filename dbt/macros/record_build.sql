{#-
    Writes which node was built by which build into `_build.node`, so that publishing can refuse a
    warehouse that holds models of different builds, and say which engine built them.
-#}
{% macro record_build(results) -%}
    {{ return(adapter.dispatch('record_build', 'chokepoint')(results)) }}
{%- endmacro %}

{#- Rows of a Parquet table cannot be replaced: `scripts/spark_build.py` writes what became of each node. -#}
{% macro spark__record_build(results) -%}{%- endmacro %}

{% macro duckdb__record_build(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        create schema if not exists _build;
        create table if not exists _build.node (
            unique_id string, build_id string, status string, engine string
        );
        -- A warehouse of before knew one engine.
        alter table _build.node add column if not exists engine string default 'duckdb';
        {%- set built = results
            | selectattr('node.resource_type', 'in', ['model', 'seed']) | list %}
        {%- if built %}
        delete from _build.node where unique_id in (
            {%- for result in built %}
            '{{ result.node.unique_id }}'{{ "," if not loop.last }}
            {%- endfor %}
        );
        insert into _build.node values
            {%- for result in built %}
            (
                '{{ result.node.unique_id }}', '{{ var('build_id') }}', '{{ result.status }}',
                '{{ 'spark' if var('tables_of') else 'duckdb' }}'
            )
            {{- "," if not loop.last }}
            {%- endfor %};
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
