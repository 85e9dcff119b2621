{#-
    Writes which node was built by which build into `_build.node`, so that publishing can refuse a
    warehouse that holds models of different builds.
-#}
{% macro record_build(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        create schema if not exists _build;
        create table if not exists _build.node (
            unique_id varchar, build_id varchar, status varchar
        );
        {%- for result in results if result.node.resource_type in ('model', 'seed') %}
        delete from _build.node where unique_id = '{{ result.node.unique_id }}';
        insert into _build.node values (
            '{{ result.node.unique_id }}', '{{ var("build_id") }}', '{{ result.status }}'
        );
        {%- endfor %}
    {%- endif -%}
{%- endmacro %}
