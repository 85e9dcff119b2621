{#-
    Whether tonnes stand for enough of a value that a share of them may be told: of all that an importer buys or an
    exporter sells, and of what goes from one to the other. Where an origin's goods are weighed in part, its share by tonnes would be too low.
-#}
{% macro is_weighed(value_weighed_usd, value_usd) -%}
    coalesce(
        {{ value_weighed_usd }} >= {{ threshold('quantity_coverage_minimum') }} * {{ value_usd }},
        false
    )
{%- endmacro %}
