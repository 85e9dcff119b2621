{#-
    Three views of what each importer buys: by declared partner, by who made it at the stage, by who mined it.
    Imports are the mixes of those who sell; apparent supply is the importer's own mix. A refiner's output is
    traced to mines as far as the ore and intermediates that it is seen to have cover it. Shares are whole units
    of 1e-15.
-#}
{%- set unit = '1e15' %}
with

answered as (

    select * from {{ ref('int_look_through__importer_cases') }}
    where null_reason is null

),

flows as (

    select
        graph_number,
        exporter_number,
        importer_number,
        supply_share,
        coalesce(
            mass_g / nullif(sum(mass_g) over (partition by graph_number, importer_number), 0), 0
        ) as import_share,
        value_usd / sum(value_usd) over (partition by graph_number, importer_number) as value_share
    from {{ ref('int_look_through__edges') }}
    where exporter_number > 0 and exporter_number <> importer_number

),

traced as (

    select * from {{ ref('int_look_through__node_origins') }}

),

direct as (

    select
        answered.graph_number,
        answered.party_number,
        answered.measure,
        answered.denominator,
        flows.exporter_number as origin_number,
        case
            when answered.denominator = 'apparent_supply' then flows.supply_share
            when answered.measure = 'value' then flows.value_share
            else flows.import_share
        end as share
    from answered
    inner join flows
        on
            answered.graph_number = flows.graph_number
            and answered.party_number = flows.importer_number

),

faces as (

    select
        graph_number,
        party_number,
        measure,
        denominator,
        origin_number,
        cast(round(share * {{ unit }}) as bigint) as units
    from direct
    union all
    select
        graph_number,
        party_number,
        measure,
        denominator,
        cast(party_number as integer) as origin_number,
        cast(round(own_share * {{ unit }}) as bigint) as units
    from answered
    where denominator = 'apparent_supply'

),

refined as (

    select
        graph_number,
        party_number,
        measure,
        denominator,
        origin_number,
        cast(sum(units) as bigint) as units
    from (
        select
            direct.graph_number,
            direct.party_number,
            direct.measure,
            direct.denominator,
            traced.origin_number,
            cast(round(direct.share * traced.units) as bigint) as units
        from direct
        inner join traced
            on
                direct.graph_number = traced.graph_number
                and direct.origin_number = traced.party_number
        where direct.denominator = 'imports'
        union all
        select
            answered.graph_number,
            answered.party_number,
            answered.measure,
            answered.denominator,
            traced.origin_number,
            traced.units
        from answered
        inner join traced
            on
                answered.graph_number = traced.graph_number
                and answered.party_number = traced.party_number
        where answered.denominator = 'apparent_supply'
    ) as seen_through
    group by graph_number, party_number, measure, denominator, origin_number

),

feeds as (

    select distinct
        graph_number,
        feed_graph_number
    from answered
    where feed_graph_number is not null

),

refiners as (

    select * from {{ ref('int_look_through__node_balances') }}

),

fed_refined as (

    select
        refined.*,
        feeds.feed_graph_number,
        case
            when refined.origin_number > 0
                then cast(round(refined.units * refiners.fed_share) as bigint)
            else 0
        end as fed_units
    from refined
    inner join feeds on refined.graph_number = feeds.graph_number
    left join refiners
        on
            refined.graph_number = refiners.graph_number
            and refined.origin_number = refiners.party_number

),

dug as (

    select distinct graph_number from answered
    where stage = 'mine'

),

mined as (

    select
        refined.graph_number,
        refined.party_number,
        refined.measure,
        refined.denominator,
        refined.origin_number,
        refined.units
    from refined
    inner join dug on refined.graph_number = dug.graph_number
    union all
    select
        fed_refined.graph_number,
        fed_refined.party_number,
        fed_refined.measure,
        fed_refined.denominator,
        ore.origin_number,
        cast(round(fed_refined.fed_units * (ore.units / {{ unit }})) as bigint) as units
    from fed_refined
    inner join traced as ore
        on
            fed_refined.feed_graph_number = ore.graph_number
            and fed_refined.origin_number = ore.party_number
    where fed_refined.fed_units > 0
    union all
    select
        graph_number,
        party_number,
        measure,
        denominator,
        0 as origin_number,
        units - fed_units as units
    from fed_refined

),

side_by_side as (

    select
        graph_number,
        party_number,
        measure,
        denominator,
        origin_number,
        cast(sum(declared_units) as bigint) as declared_units,
        bool_or(is_seller) as is_seller,
        cast(sum(refiner_units) as bigint) as refiner_units,
        cast(sum(mine_units) as bigint) as mine_units
    from (
        select
            graph_number,
            party_number,
            measure,
            denominator,
            origin_number,
            origin_number <> party_number or units > 0 as is_seller,
            units as declared_units,
            0 as refiner_units,
            0 as mine_units
        from faces
        union all
        select
            graph_number,
            party_number,
            measure,
            denominator,
            origin_number,
            false as is_seller,
            0 as declared_units,
            units as refiner_units,
            0 as mine_units
        from refined
        union all
        select
            graph_number,
            party_number,
            measure,
            denominator,
            origin_number,
            false as is_seller,
            0 as declared_units,
            0 as refiner_units,
            units as mine_units
        from mined
    ) as views
    group by graph_number, party_number, measure, denominator, origin_number

),

unresolved as (

    select
        graph_number,
        party_number,
        measure,
        denominator,
        cast(sum(case when origin_number <= 0 then refiner_units else 0 end) as bigint)
            as refiner_units,
        cast(sum(case when origin_number <= 0 then mine_units else 0 end) as bigint) as mine_units,
        cast(sum(case when origin_number = -2 then refiner_units else 0 end) as bigint)
            as imbalance_units
    from side_by_side
    group by graph_number, party_number, measure, denominator

)

select
    side_by_side.graph_number,
    side_by_side.party_number,
    side_by_side.measure,
    side_by_side.denominator,
    side_by_side.origin_number,
    side_by_side.is_seller,
    side_by_side.declared_units,
    side_by_side.refiner_units,
    side_by_side.mine_units,
    unresolved.refiner_units as refiner_unresolved_units,
    unresolved.mine_units as mine_unresolved_units,
    unresolved.imbalance_units
from side_by_side
inner join unresolved
    on
        side_by_side.graph_number = unresolved.graph_number
        and side_by_side.party_number = unresolved.party_number
        and side_by_side.measure = unresolved.measure
        and side_by_side.denominator = unresolved.denominator
where
    side_by_side.origin_number > 0
    and (
        side_by_side.declared_units > 0
        or side_by_side.refiner_units > 0
        or side_by_side.mine_units > 0
    )
