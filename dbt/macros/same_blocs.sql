{#-
    Steps of a `with`: blocs of the same members in a year, each beside itself too. What is known of the one is then known
    of the other: of the European Union of the day by the 27.
-#}
{% macro same_blocs() -%}
sizes as (

    select
        bloc_number,
        reference_year,
        count(*) as member_count
    from {{ ref('int_trade__bloc_members_by_year') }}
    group by bloc_number, reference_year

),

same_blocs as (

    select
        asked.bloc_number as importer_number,
        answering.bloc_number as party_number,
        asked.reference_year
    from {{ ref('int_trade__bloc_members_by_year') }} as asked
    inner join {{ ref('int_trade__bloc_members_by_year') }} as answering
        on {{ same_key('asked', 'answering', ['member_number', 'reference_year']) }}
    inner join sizes as asked_size
        on {{ same_key('asked', 'asked_size', ['bloc_number', 'reference_year']) }}
    inner join sizes as answering_size
        on {{ same_key('answering', 'answering_size', ['bloc_number', 'reference_year']) }}
    group by
        asked.bloc_number, answering.bloc_number, asked.reference_year,
        asked_size.member_count, answering_size.member_count
    having
        count(*) = asked_size.member_count
        and count(*) = answering_size.member_count

)
{%- endmacro %}
