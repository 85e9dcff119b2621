{#-
    Step of a `with`: the first day on which each item of a control was in force. What was suspended before its first day
    has none.
-#}
{% macro first_days_in_force() -%}
in_force as (

    select
        event_id,
        item,
        min(valid_from) as valid_from
    from {{ ref('fct_export_control_slice') }}
    where status = 'active'
    group by event_id, item

)
{%- endmacro %}
