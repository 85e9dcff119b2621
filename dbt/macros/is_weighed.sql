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

{#- The same of the relation `bought`: by tonnes as shipped where `is_gross`, else by the metal in them. -#}
{% macro is_weighed_by(bought, is_gross) -%}
    {{ is_weighed(
        'case when ' ~ is_gross ~ ' then ' ~ bought ~ '.value_weighed_usd else ' ~ bought
        ~ '.value_contained_usd end',
        bought ~ '.value_usd',
    ) }}
{%- endmacro %}
