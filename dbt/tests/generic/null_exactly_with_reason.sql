{#- A measure is null exactly where the reason says why: no silent null, no figure beside a reason. -#}
{% test null_exactly_with_reason(model, columns, reason) %}
{%- for column in columns %}
select
    '{{ column }}' as column_name,
    {{ reason }} as reason_found,
    judged_rows.*
from {{ model }} as judged_rows
where ({{ column }} is null) <> ({{ reason }} is not null)
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endtest %}
