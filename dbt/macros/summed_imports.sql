{#-
    The measures of imports, summed over whatever the select groups by. Each is the sum of whole units; the
    stages of the flows are kept by their first and last name, which are one where all are shipped at one.
-#}
{% macro summed_imports() -%}
    {%- for measure in [
        'value_usd', 'quantity_kg', 'contained_g', 'contained_low_g', 'contained_high_g', 'outlier_kg',
        'value_weighed_usd', 'value_contained_usd', 'fixed_g', 'ranged_1_kg', 'ranged_2_kg', 'ranged_3_kg',
        'ranged_4_kg'
    ] %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
    {%- endfor %}
        min(first_stage) as first_stage,
        max(last_stage) as last_stage,
        bool_or(has_double_count) as has_double_count,
        bool_or(is_code_drift) as is_code_drift
{%- endmacro %}
