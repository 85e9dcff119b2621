{#- Columns lie between two bounds; nulls are not judged here. One test, many columns. -#}
{% test within_range(model, columns, lower, upper) %}
{%- for column in columns %}
select
    '{{ column }}' as column_name,
    {{ column }} as value_found
from {{ model }}
where {{ column }} < {{ lower }} or {{ column }} > {{ upper }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endtest %}
