{#-
    Sum that does not depend on the order of rows. Threads add doubles in whatever order they come,
    and the last digit, and with it the release digest, would differ between two runs.
-#}
{% macro exact_sum(expression) -%}
    cast(sum(cast({{ expression }} as decimal(38, 12))) as double)
{%- endmacro %}
