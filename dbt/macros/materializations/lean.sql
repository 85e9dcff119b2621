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

{#- One statement for all columns of a table, and no look at the catalogue: contracts fix the columns. -#}
{% macro duckdb__alter_column_comment(relation, column_dict) %}
    {%- for column_name in column_dict if column_dict[column_name]['description'] %}
    comment on column {{ relation }}.{{ adapter.quote(column_name) }}
        is {{ duckdb_escape_comment(column_dict[column_name]['description']) }};
    {%- endfor %}
{% endmacro %}
