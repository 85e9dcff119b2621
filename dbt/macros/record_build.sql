{#-
    Writes which node was built by which build into `_build.node`, so that publishing can refuse a
    warehouse that holds models of different builds.
-#}
{% macro record_build(results) -%}
    {%- if execute and flags.WHICH in ('build', 'run', 'seed') -%}
        create schema if not exists _build;
        create table if not exists _build.node (
            unique_id string, build_id string, status string
        );
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
            ('{{ result.node.unique_id }}', '{{ var("build_id") }}', '{{ result.status }}')
            {{- "," if not loop.last }}
            {%- endfor %};
        {%- endif %}
    {%- endif -%}
{%- endmacro %}
