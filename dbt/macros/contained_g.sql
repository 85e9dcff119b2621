{#- Whole grams of metal (or oxide, as the factor says) in kilograms of goods. -#}
{% macro contained_g(quantity_kg, factor) -%}
    cast(round({{ quantity_kg }} * 1000 * {{ factor }}) as bigint)
{%- endmacro %}
