{#- Whether a span of `int_controls__importer_spans` holds on a day; `valid_to` is the first day after. -#}
{% macro holds_on(spans, day) -%}
{{ spans }}.valid_from <= {{ day }} and coalesce({{ day }} < {{ spans }}.valid_to, true)
{%- endmacro %}
