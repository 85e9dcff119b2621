{#-
    Value of a threshold of dbt_project.yml, where its unit and reason stand too. A variable of its name
    (a unit test's, or `--vars`) speaks first.
-#}
{% macro threshold(threshold_id) -%}
    {%- set thresholds = var('thresholds') -%}
    {%- if threshold_id not in thresholds -%}
        {{ exceptions.raise_compiler_error(
            threshold_id ~ ' is no threshold of dbt_project.yml: give it a value, a unit and a reason there'
        ) }}
    {%- endif -%}
    {{ return(var(threshold_id, thresholds[threshold_id].value)) }}
{%- endmacro %}
