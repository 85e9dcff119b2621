{#-
    The one way to write `quality_flags`: names of the flags whose condition holds, in the order given (that
    of the alphabet), with commas; null where none does. `flags` is each flag's condition.
-#}
{% macro quality_flags(flags) -%}
    nullif(
        concat_ws(
            ','
            {%- for flag, condition in flags.items() %},
            case when {{ condition }} then '{{ flag }}' end
            {%- endfor %}
        ),
        ''
    )
{%- endmacro %}
