{#-
    The one way to write `quality_flags`: names of the flags whose condition holds, in the order given (that
    of the alphabet), with commas; null where none does. `flags` is each flag's condition. `beside` is a list of
    flags that stands already: they are put in its order, each once.
-#}
{% macro quality_flags(flags, beside=none) -%}
    {%- set list -%}
        concat_ws(
            ','
            {%- if beside %},
            {{ beside }}
            {%- endif %}
            {%- for flag, condition in flags.items() %},
            case when {{ condition }} then '{{ flag }}' end
            {%- endfor %}
        )
    {%- endset -%}
    nullif(
        {%- if beside %}
        array_to_string(array_sort(array_distinct(string_split({{ list }}, ','))), ','),
        {%- else %}
        {{ list }},
        {%- endif %}
        ''
    )
{%- endmacro %}

{#-
    Of a group of rows, all flags that any of those has for which `condition` holds, each once; null where none has one.
-#}
{% macro flags_of_all(flags, condition) -%}
    nullif(array_to_string(
        array_sort(array_distinct(string_split(
            array_to_string(array_agg({{ flags }}) filter (where {{ condition }} and {{ flags }} is not null), ','), ','
        ))), ','
    ), '')
{%- endmacro %}
