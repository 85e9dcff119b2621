{#-
    Two steps of a `with`, the last of them `name`. It has, by `keys`, the median of `value` weighed by `weight` over the rows of
    `relation`: the smallest value at which half of the weight lies at or below it. Both windows have one order,
    so that rows are sorted once.
-#}
{% macro weighted_medians(relation, keys, value, weight, name='medians') -%}
{{ name }}_cumulated as (

    select
        *,
        sum({{ weight }}) over (
            partition by {{ keys | join(', ') }}
            order by {{ value }}, {{ weight }}
            rows between unbounded preceding and current row
        ) as weight_up_to_here,
        sum({{ weight }}) over (
            partition by {{ keys | join(', ') }}
            order by {{ value }}, {{ weight }}
            rows between unbounded preceding and unbounded following
        ) as weight_in_all
    from {{ relation }}

),

{{ name }} as (

    select
        {%- for key in keys %}
        {{ key }},
        {%- endfor %}
        min({{ value }}) as median_{{ value }}
    from {{ name }}_cumulated
    where weight_up_to_here * 2 >= weight_in_all
    group by {{ keys | join(', ') }}

)
{%- endmacro %}
