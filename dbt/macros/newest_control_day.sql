{#-
    Step of a `with`: the day on which "in force" is asked where no other day is, the newest of the seed that is known.
    The lists of controls are kept to their last day, whatever the editions of figures are of.
-#}
{% macro newest_control_day() -%}
newest_day as (

    select max(on_date) as on_date
    from {{ ref('control_date') }}
    where {{ known_by_as_of('on_date') }}

)
{%- endmacro %}
