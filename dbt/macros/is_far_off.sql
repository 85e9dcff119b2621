{#- Whether a unit value is more than `unit_value_ratio` times a median, or less than that part of it. -#}
{% macro is_far_off(unit_value, median) -%}
abs(ln(({{ unit_value }}) / {{ median }})) > ln({{ threshold('unit_value_ratio') }})
{%- endmacro %}
