{#- Condition of a join: the columns named are equal on both sides. -#}
{% macro same_key(one, other, columns) -%}
    {%- for column in columns -%}
        {{ one }}.{{ column }} = {{ other }}.{{ column }}
        {%- if not loop.last %}
    and {% endif -%}
    {%- endfor -%}
{%- endmacro %}
