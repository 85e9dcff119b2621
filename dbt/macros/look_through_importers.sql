{#-
    Step of a `with`: who is shown of a look-through, in each year: parties of the ministerial and of the G7, China,
    and blocs as one, each in the graphs that have its bloc as one node (0: all countries apart).
-#}
{% macro look_through_importers() -%}
importers as (

    select distinct
        members.reference_year,
        cast(0 as smallint) as bloc_number,
        '' as bloc_id,
        members.member_number as party_number
    from {{ ref('int_trade__bloc_members_by_year') }} as members
    left join {{ ref('int_trade__bloc_members_by_year') }} as european
        on
            members.member_number = european.member_number
            and members.reference_year = european.reference_year
            and european.bloc_id = 'EU27'
    where
        members.bloc_id = 'G7'
        or (members.bloc_id = 'MEETING_2026_01_12' and european.bloc_id is null)
    union
    select
        members.reference_year,
        cast(0 as smallint) as bloc_number,
        '' as bloc_id,
        parties.party_number
    from {{ ref('int_trade__bloc_members_by_year') }} as members
    inner join {{ ref('int_trade__parties') }} as parties on parties.party_id = 'CHN'
    union
    select
        reference_year,
        bloc_number,
        bloc_id,
        bloc_number as party_number
    from {{ ref('int_trade__bloc_members_by_year') }}
    where bloc_id in ('EU27', 'G7', 'MEETING_2026_01_12')

)
{%- endmacro %}

{#-
    Step of a `with`: by whose look-through an importer is answered in a year: by its own; and a bloc that is not shown
    by one of the same members in that year, as the European Union of the day by the 27.
-#}
{% macro look_through_answers() -%}
{{ same_blocs() }},

answered_parties as (

    select distinct
        party_number,
        reference_year
    from {{ ref('int_look_through__importer_cases') }}

),

answers_by_party as (

    select
        party_number as importer_number,
        party_number,
        reference_year
    from answered_parties
    union all
    select
        same_blocs.importer_number,
        same_blocs.party_number,
        same_blocs.reference_year
    from same_blocs
    inner join answered_parties
        on {{ same_key('same_blocs', 'answered_parties', ['party_number', 'reference_year']) }}
    left join answered_parties as own
        on
            same_blocs.importer_number = own.party_number
            and same_blocs.reference_year = own.reference_year
    where own.party_number is null

)
{%- endmacro %}
