{#-
    Why there is no share by tonnes, where tonnes stand for less than `quantity_coverage_minimum` of the value:
    `weighed_share` is that part, `is_without_factor` says that tonnes are published and what metal they hold is not
    known.
-#}
{% macro tonnage_null_reason(weighed_share, is_without_factor=none) -%}
    case
        {%- if is_without_factor %}
        when {{ is_without_factor }} then 'no_contained_factor'
        {%- endif %}
        when {{ weighed_share }} > 0 then 'tonnage_partly_published'
        else 'tonnage_not_published'
    end
{%- endmacro %}
