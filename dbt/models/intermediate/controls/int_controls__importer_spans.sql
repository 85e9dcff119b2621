{#-
    Whether each control's item is aimed at an importer, and in which state it is: the one home of both. A country is
    aimed at whole or not at all; a bloc whole, or at some of its members alone, by who belongs to it, and to
    a bloc that is aimed at, on the day. No control is aimed at who imposes it. A bloc that has ended is who belonged
    to it on its last day, since trade of its years is still asked for; before its first day it has no row.
-#}
with

slices as (select * from {{ ref('fct_export_control_slice') }}),
parties as (select * from {{ ref('int_trade__parties') }}),

party_members as (

    select
        group_id as bloc_id,
        member_id as country_id,
        valid_from,
        valid_to,
        max(coalesce(valid_to, cast('9999-12-31' as date))) over (partition by group_id)
            as last_day
    from {{ ref('stg_reference__country_group_members') }}

),

memberships as (

    select distinct
        party_members.bloc_id,
        party_members.country_id,
        coalesce(party_members.valid_from, cast('0001-01-01' as date)) as joined_on,
        case
            when party_members.valid_to < party_members.last_day then party_members.valid_to
        end as left_on
    from party_members
    inner join parties on party_members.bloc_id = parties.party_id and parties.party_kind = 'bloc'

),

-- Days on which a bloc is another than on the day before.
change_days as (

    select joined_on as turned_on from memberships
    union
    select cast(left_on + interval 1 day as date) as turned_on from memberships

),

starts as (

    select
        event_id,
        item,
        imposing_iso3,
        target_id,
        status,
        valid_from as starts_on
    from slices
    union
    select
        slices.event_id,
        slices.item,
        slices.imposing_iso3,
        slices.target_id,
        slices.status,
        change_days.turned_on as starts_on
    from slices
    inner join change_days
        on
            slices.valid_from < change_days.turned_on
            and coalesce(slices.valid_to > change_days.turned_on, true)

),

controls as (

    select distinct
        event_id,
        imposing_iso3,
        target_id,
        starts_on
    from starts

),

-- A country is made of itself, a bloc of its members on the day.
compositions as (

    select
        days.starts_on,
        parties.party_id as importer_id,
        parties.party_id as country_id
    from (select distinct starts_on from controls) as days
    cross join parties
    where parties.party_kind = 'country'
    union all
    select distinct
        days.starts_on,
        memberships.bloc_id as importer_id,
        memberships.country_id
    from (select distinct starts_on from controls) as days
    inner join memberships
        on
            days.starts_on >= memberships.joined_on
            and coalesce(days.starts_on <= memberships.left_on, true)

),

-- Of a bloc its members of the day, of everybody each country.
targeted_countries as (

    select
        controls.event_id,
        controls.starts_on,
        compositions.country_id
    from controls
    inner join compositions
        on
            controls.starts_on = compositions.starts_on
            and compositions.importer_id
            = case controls.target_id
                when 'ALL' then compositions.country_id else controls.target_id
            end
    where controls.imposing_iso3 <> compositions.country_id

),

reaches as (

    select
        controls.event_id,
        controls.starts_on,
        compositions.importer_id,
        case
            when count(targeted_countries.country_id) = 0 then 'none'
            when count(targeted_countries.country_id) < count(*) then 'some_members'
            else 'whole'
        end as reach,
        bool_or(controls.imposing_iso3 = compositions.country_id) as is_imposing
    from controls
    inner join compositions on controls.starts_on = compositions.starts_on
    left join targeted_countries
        on
            controls.event_id = targeted_countries.event_id
            and controls.starts_on = targeted_countries.starts_on
            and compositions.country_id = targeted_countries.country_id
    group by controls.event_id, controls.starts_on, compositions.importer_id

),

with_state_before as (

    select
        starts.event_id,
        starts.item,
        starts.starts_on,
        starts.status,
        reaches.importer_id,
        reaches.reach,
        reaches.is_imposing,
        lag(starts.status || ' ' || reaches.reach || ' ' || cast(reaches.is_imposing as string))
            over (
                partition by starts.event_id, starts.item, reaches.importer_id
                order by starts.starts_on
            ) as state_before
    from starts
    inner join reaches
        on starts.event_id = reaches.event_id and starts.starts_on = reaches.starts_on

),

spans as (

    select
        event_id,
        item,
        importer_id,
        starts_on as valid_from,
        lead(starts_on) over (
            partition by event_id, item, importer_id order by starts_on
        ) as valid_to,
        status,
        reach,
        is_imposing
    from with_state_before
    where
        state_before is null
        or state_before <> status || ' ' || reach || ' ' || cast(is_imposing as string)

)

select
    spans.*,
    importers.party_number as importer_number,
    importers.party_kind as importer_kind,
    controls.imposing_iso3,
    controls.target_id,
    controls.instrument,
    controls.mineral_id,
    controls.extent <> 'technology' as is_on_goods
from spans
inner join {{ ref('fct_export_control') }} as controls
    on spans.event_id = controls.event_id and spans.item = controls.item
inner join parties as importers on spans.importer_id = importers.party_id
