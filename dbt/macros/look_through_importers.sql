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
