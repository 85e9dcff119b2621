{#-
    Tables and views built in place. The adapter's own materializations build beside, rename the old one
    away and the new one in, and drop the rest: four statements more per model, each with its events, for
    readers that our working warehouse does not have (analysts open a release, never this file).
    Contracts, hooks and persisted descriptions are as usual. See docs/decisions/0009.
-#}
{% materialization table, adapter='duckdb', supported_languages=['sql', 'python'] %}
    {%- set target_relation = this.incorporate(type='table') -%}
    {{ run_hooks(pre_hooks) }}
    {%- set existing_relation = load_cached_relation(this) -%}
    {%- if existing_relation is not none -%}
        {{ adapter.drop_relation(existing_relation) }}
    {%- endif -%}
    {#- What another engine built is taken from its Parquet: `build_on_spark` in operations/spark.py. -#}
    {%- set folder = var('tables_of') and var('tables_of') ~ '/' ~ this.schema ~ '.db/' ~ this.identifier -%}
    {%- set language = 'sql' if folder else model['language'] -%}
    {%- set query = "select * from read_parquet('" ~ folder ~ "/*.parquet')" if folder else compiled_code -%}
    {% call statement('main', language=language) -%}
        {{- create_table_as(False, target_relation, query, language) }}
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{% materialization view, adapter='duckdb' %}
    {%- set target_relation = this.incorporate(type='view') -%}
    {{ run_hooks(pre_hooks) }}
    {% call statement('main') -%}
        create or replace view {{ target_relation }} as (
            {{ compiled_code }}
        )
    {%- endcall %}
    {{ run_hooks(post_hooks) }}
    {% do persist_docs(target_relation, model) %}
    {{ adapter.commit() }}
    {{ return({'relations': [target_relation]}) }}
{% endmaterialization %}

{#- All comments of a table in one statement, and no look at the catalogue: contracts fix the columns. -#}
{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) -%}
    {%- set comments -%}
        {%- if for_relation and config.persist_relation_docs() and model.description %}
        comment on {{ relation.type }} {{ relation }} is {{ duckdb_escape_comment(model.description) }};
        {%- endif %}
        {%- for name, column in model.columns.items()
            if for_columns and config.persist_column_docs() and column.description %}
        comment on column {{ relation }}.{{ adapter.quote(name) }} is {{ duckdb_escape_comment(column.description) }};
        {%- endfor %}
    {%- endset -%}
    {%- if comments | trim -%}
        {%- call statement('comments') -%}{{ comments }}{%- endcall -%}
    {%- endif -%}
{%- endmacro %}
