{#-
    Sums of what several producers could make besides, by `spare_basis`: the one rule for every mart. Who stands in "rest"
    may have all of its spare, so "rest" counts once, whether it or those in it are summed. Of whom nothing is known
    (`unknown`) nothing is added: `spare_excluded` names them.
-#}
{% macro spare_at_least(low, counts_rest='false') -%}
    {{ exact_sum(
        "case when not (" ~ counts_rest ~ ") and spares.spare_basis = 'rest' then 0 else " ~ low ~ " end"
    ) }}
{%- endmacro %}

{% macro spare_at_most(high) -%}
    {{ exact_sum(
        "case when spares.spare_basis in ('in_rest', 'rest') then 0 else " ~ high ~ " end"
    ) }}
    + coalesce(max(case when spares.spare_basis in ('in_rest', 'rest') then {{ high }} end), 0)
{%- endmacro %}

{% macro spare_excluded(producer) -%}
    nullif(
        array_to_string(
            array_sort(
                array_agg(distinct {{ producer }}) filter (where spares.spare_basis = 'unknown')
            ),
            ','
        ),
        ''
    )
{%- endmacro %}

{#- What a sum rests on. -#}
{% macro spare_basis_of_sum() -%}
    case
        when bool_and(spares.spare_basis = 'assumed') filter (where spares.spare_basis <> 'unknown')
            then 'assumed'
        when bool_or(spares.spare_basis = 'assumed') then 'mixed'
        when bool_or(spares.spare_basis <> 'unknown') then 'measured'
    end
{%- endmacro %}

{#-
    Part of the lower end of a sum that rests on a capacity or a production that the publisher estimated. A seeded part of
    production is our estimate, and `spare_basis` says so: it is in neither. Null where nothing is measured, or the end is 0.
-#}
{% macro spare_estimated_share(low, counts_rest='false') -%}
    {%- set measured = "case when spares.spare_basis <> 'assumed' then " ~ low ~ " end" -%}
    {{ spare_at_least("case when spares.is_estimated then " ~ measured ~ " else 0 end", counts_rest) }}
    / nullif({{ spare_at_least(measured, counts_rest) }}, 0)
{%- endmacro %}
