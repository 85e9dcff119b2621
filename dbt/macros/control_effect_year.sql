{#-
    The year in which a control first touched a mineral: its first day, or its announcement while it has none.
    What narrows or widens later (permits that end, a second list) is the same control: the years before it stay
    those before its first day.
-#}
{% macro control_effect_year() -%}
    cast(
        extract(
            year from min(coalesce(effective_from, announced_on)) over (
                partition by event_id, mineral_id
            )
        ) as integer
    )
{%- endmacro %}
