{#-
    Step of a `with`: each claim on the two days for which it is judged: its own, and the release of the newest edition.
-#}
{% macro claim_days() -%}
claim_days as (

    select
        *,
        'claim_date' as as_of_kind,
        claimed_on as as_of
    from {{ ref('stg_reference__claims') }}
    union all
    select
        *,
        'today' as as_of_kind,
        (select max(released_on) from {{ ref('stg_reference__editions') }}) as as_of
    from {{ ref('stg_reference__claims') }}

)
{%- endmacro %}
