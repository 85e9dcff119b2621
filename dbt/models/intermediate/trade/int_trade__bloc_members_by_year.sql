{#-
    Who belongs to a bloc in a year (on 1 July), by number. An area that trade data give as one belongs where
    all of its members do: without Belgium-Luxembourg the EU of 1998 would buy from itself.
-#}
with

members as (

    select
        group_id,
        member_id,
        valid_from,
        valid_to
    from {{ ref('stg_reference__country_group_members') }}

),

parties as (select * from {{ ref('int_trade__parties') }}),

years as (

    select distinct reference_year from {{ ref('int_trade__current_editions') }}

),

by_year as (

    select distinct
        members.group_id,
        members.member_id,
        years.reference_year
    from members
    inner join years
        on
            coalesce(members.valid_from, cast('0001-01-01' as date))
            <= cast(cast(years.reference_year as string) || '-07-01' as date)
            and coalesce(members.valid_to, cast('9999-12-31' as date))
            >= cast(cast(years.reference_year as string) || '-07-01' as date)

),

areas as (

    select
        by_year.group_id,
        inside.area_iso3 as member_id,
        by_year.reference_year
    from {{ ref('stg_reference__area_members') }} as inside
    inner join by_year on inside.member_iso3 = by_year.member_id
    group by by_year.group_id, inside.area_iso3, by_year.reference_year
    having
        count(*) = (
            select count(*) from {{ ref('stg_reference__area_members') }} as whole
            where whole.area_iso3 = inside.area_iso3
        )

),

all_members as (

    select * from by_year
    union
    select * from areas

)

select
    blocs.party_number as bloc_number,
    countries.party_number as member_number,
    blocs.party_id as bloc_id,
    countries.party_id as member_id,
    cast(all_members.reference_year as smallint) as reference_year
from all_members
inner join parties as blocs
    on all_members.group_id = blocs.party_id and blocs.party_kind = 'bloc'
inner join parties as countries on all_members.member_id = countries.party_id
