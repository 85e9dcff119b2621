{#- A share of 0 to 1 in per cent, as words say it: one above 0 is never said to be 0.0. -#}
{% macro percent_text(share) -%}
case
    when {{ share }} > 0 and {{ share }} < 0.0005 then 'under 0.1'
    else cast(round(100 * {{ share }}, 1) as string)
end
{%- endmacro %}
