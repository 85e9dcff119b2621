{#- A share as it is told: nine digits; one below them is small, and not 0. -#}
{% macro nine_digits(share) -%}
    coalesce(nullif(round({{ share }}, 9), 0), {{ share }})
{%- endmacro %}
