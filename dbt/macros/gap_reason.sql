{#-
    One reason for many importers: why nobody's imports of a stage are known, the most telling first. Other
    reasons than these are of single importers and say nothing about the stage.
-#}
{% macro gap_reason(column) -%}
    coalesce(
        {%- for reason in ['only_mixed_lines', 'code_drift', 'line_not_redistributable', 'line_not_held'] %}
        max(case when {{ column }} = '{{ reason }}' then '{{ reason }}' end)
        {{- ',' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
