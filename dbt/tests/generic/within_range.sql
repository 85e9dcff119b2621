{#-
    Columns, or expressions, lie between two bounds; nulls are not judged here. One test, many columns, and
    one look at the table: a mart that is a view is computed once.
-#}
{% test within_range(model, columns, lower, upper) %}
with

checked_columns as (

    select
        {%- for column in columns %}
        {{ column }} as judged_{{ loop.index }}{{ "," if not loop.last }}
        {%- endfor %}
    from {{ model }}

),

offenders as (

    select *
    from checked_columns
    where
        {%- for column in columns %}
        {{ "or " if not loop.first }}judged_{{ loop.index }} < {{ lower }}
        or judged_{{ loop.index }} > {{ upper }}
        {%- endfor %}

)

{% for column in columns %}
select
    '{{ column }}' as column_name,
    judged_{{ loop.index }} as value_found
from offenders
where judged_{{ loop.index }} < {{ lower }} or judged_{{ loop.index }} > {{ upper }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
{% endtest %}
