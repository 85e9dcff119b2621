{#- Caveats of what an importer buys of an origin, of a step that has what decides them. -#}
{% macro import_flags(bought) -%}
    {{- quality_flags({
        'code_drift': bought ~ '.is_code_drift',
        'de_minimis': bought ~ '.is_de_minimis',
        'grade_heterogeneous': bought ~ '.is_grade_heterogeneous',
        'lines_missing': bought ~ '.has_missing_lines',
        'mixed_line': bought ~ '.is_mixed_line',
        'series_break': bought ~ '.is_series_break',
        'series_conflict': bought ~ '.is_contradicted',
        'several_stages': bought ~ '.has_several_stages',
        'suspected_double_count': bought ~ '.has_double_count',
        'truncated_release': bought ~ '.is_truncated_release',
        'unit_value_outlier': bought ~ '.has_outliers or ' ~ bought ~ '.has_outliers_in_all',
    }) }}
{%- endmacro %}
