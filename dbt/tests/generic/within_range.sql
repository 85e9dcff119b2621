{#-
    Columns, or expressions, lie between two bounds; nulls are not judged here. One test, many columns, and
    one look at the table: a mart that is a view is computed once. Each offender is shown with its whole row.
-#}
{% test within_range(model, columns, lower, upper) %}
with

offenders as (

    select *
    from {{ model }}
    where
        {%- for column in columns %}
        {{ "or " if not loop.first }}{{ column }} < {{ lower }}
        or {{ column }} > {{ upper }}
        {%- endfor %}

),

judged_columns as (

    {%- for column in columns %}
    select '{{ column }}' as column_name
    {%- if not loop.last %}
    union all
    {%- endif %}
    {%- endfor %}

),

judged_values as (

    select
        judged_columns.column_name,
        case judged_columns.column_name
            {%- for column in columns %}
            when '{{ column }}' then {{ column }}
            {%- endfor %}
        end as value_found,
        offenders.*
    from offenders
    cross join judged_columns

)

select *
from judged_values
where value_found < {{ lower }} or value_found > {{ upper }}
{% endtest %}
