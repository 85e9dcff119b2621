{#-
    Three views of what each importer buys: by declared partner, by who made it at the stage, by who mined it.
    Imports are the mixes of those who sell; apparent supply is the importer's own mix. A refiner's output is
    traced to mines as far as the ore and intermediates that it is known to have cover it.
    `int_look_through__importer_cases` says which cases have an answer. Parts are summed as whole units of 1e-15.

    A flow with dollars and tonnes for too few of them has no share by tonnes, nor a share of 0; it is ranked by the
    tonnes that are known. The output of a country that the
    source does not name is unknown, not 0.
-#}
{%- set unit = '1e15' %}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where role = 'traded'

),

balances as (select * from {{ ref('int_look_through__node_balances') }}),
traced as (select * from {{ ref('int_look_through__node_origins') }}),

{{ look_through_importers() }},

questions as (

    select
        graphs.graph_number,
        graphs.feed_graph_number,
        graphs.stage,
        importers.party_number,
        case when kinds.weighed_by = 'value' then 'value' else graphs.measure end as measure,
        kinds.denominator,
        cast(
            row_number() over (
                order by
                    graphs.graph_number, importers.party_number, kinds.weighed_by, kinds.denominator
            ) as integer
        ) as question_number
    from graphs
    inner join importers
        on {{ same_key('graphs', 'importers', ['reference_year', 'bloc_number']) }}
    cross join (
        values ('mass', 'imports'), ('value', 'imports'), ('mass', 'apparent_supply')
    ) as kinds (weighed_by, denominator)
    where kinds.denominator = 'imports' or graphs.series_level = 'mineral_stage'

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
        value_usd / sum(value_usd) over (partition by graph_number, importer_number) as value_share,
        mass_g > 0 and not {{ is_weighed('value_weighed_usd', 'value_usd') }} as is_partly_weighed
    from {{ ref('int_look_through__edges') }}
    where exporter_number > 0 and exporter_number <> importer_number

),

declared_shares as (

    select
        questions.question_number,
        questions.graph_number,
        questions.denominator,
        flows.exporter_number as origin_number,
        case
            when questions.denominator = 'apparent_supply' then flows.supply_share
            when questions.measure = 'value' then flows.value_share
            else flows.import_share
        end as share,
        questions.measure <> 'value' and flows.is_partly_weighed as is_partly_weighed
    from questions
    inner join flows
        on
            questions.graph_number = flows.graph_number
            and questions.party_number = flows.importer_number

),

refined_origins as (

    select
        declared_shares.question_number,
        traced.origin_number,
        cast(sum(cast(round(declared_shares.share * traced.units) as bigint)) as bigint) as units
    from declared_shares
    inner join traced
        on
            declared_shares.graph_number = traced.graph_number
            and declared_shares.origin_number = traced.party_number
    where declared_shares.denominator = 'imports'
    group by declared_shares.question_number, traced.origin_number
    union all
    select
        questions.question_number,
        traced.origin_number,
        traced.units
    from questions
    inner join traced
        on {{ same_key('questions', 'traced', ['graph_number', 'party_number']) }}
    where questions.denominator = 'apparent_supply'

),

feed_units as (

    select
        refined_origins.question_number,
        refined_origins.origin_number,
        questions.feed_graph_number,
        refined_origins.units,
        case
            when refined_origins.origin_number > 0
                then cast(round(refined_origins.units * balances.fed_share) as bigint)
            else 0
        end as fed_units
    from refined_origins
    inner join questions on refined_origins.question_number = questions.question_number
    left join balances
        on
            questions.graph_number = balances.graph_number
            and refined_origins.origin_number = balances.party_number
    where questions.feed_graph_number is not null

),

seller_units as (

    select
        question_number,
        origin_number,
        true as is_seller,
        is_partly_weighed,
        cast(round(share * {{ unit }}) as bigint) as declared_units
    from declared_shares
    union all by name
    -- What the importer makes itself is part of its supply.
    select
        questions.question_number,
        cast(questions.party_number as integer) as origin_number,
        round(balances.own_share * {{ unit }}) > 0 as is_seller,
        cast(round(balances.own_share * {{ unit }}) as bigint) as declared_units
    from questions
    inner join balances
        on {{ same_key('questions', 'balances', ['graph_number', 'party_number']) }}
    where questions.denominator = 'apparent_supply'
    union all by name
    select
        question_number,
        origin_number,
        units as refiner_units
    from refined_origins
    union all by name
    select
        refined_origins.question_number,
        refined_origins.origin_number,
        refined_origins.units as mine_units
    from refined_origins
    inner join questions on refined_origins.question_number = questions.question_number
    where questions.stage = 'mine'
    union all by name
    select
        feed_units.question_number,
        ore.origin_number,
        cast(round(feed_units.fed_units * (ore.units / {{ unit }})) as bigint) as mine_units
    from feed_units
    inner join traced as ore
        on
            feed_units.feed_graph_number = ore.graph_number
            and feed_units.origin_number = ore.party_number
    where feed_units.fed_units > 0
    union all by name
    select
        question_number,
        0 as origin_number,
        units - fed_units as mine_units
    from feed_units

),

side_by_side as (

    select
        question_number,
        origin_number,
        {%- for view in ['declared', 'refiner', 'mine'] %}
        cast(coalesce(sum({{ view }}_units), 0) as bigint) as {{ view }}_units,
        {%- endfor %}
        coalesce(bool_or(is_seller), false) as is_seller,
        coalesce(bool_or(is_partly_weighed), false) as is_partly_weighed
    from seller_units
    group by question_number, origin_number

),

unresolved_units as (

    select
        question_number,
        sum(case when origin_number <= 0 then refiner_units else 0 end) as refiner_units,
        sum(case when origin_number <= 0 then mine_units else 0 end) as mine_units,
        sum(case when origin_number = -2 then refiner_units else 0 end) as imbalance_units
    from side_by_side
    group by question_number

),

origin_shares as (

    select
        questions.graph_number,
        questions.party_number,
        questions.measure,
        questions.denominator,
        questions.question_number,
        side_by_side.origin_number,
        side_by_side.is_seller,
        coalesce(origin.party_kind = 'country', false) as is_country,
        side_by_side.is_partly_weighed,
        case
            when side_by_side.is_seller and side_by_side.declared_units = 0 then null
            when
                not side_by_side.is_seller
                and side_by_side.origin_number = questions.party_number
                and questions.denominator = 'apparent_supply'
                and not importer.is_named
                then null
            else side_by_side.declared_units / {{ unit }}
        end as known_declared_share,
        case
            when coalesce(refiner.is_named, false) or side_by_side.refiner_units > 0
                then side_by_side.refiner_units / {{ unit }}
        end as refiner_origin_share,
        case
            when coalesce(miner.is_named, false) or side_by_side.mine_units > 0
                then side_by_side.mine_units / {{ unit }}
        end as mine_origin_share,
        unresolved_units.refiner_units / {{ unit }} as refiner_unresolved_share,
        unresolved_units.mine_units / {{ unit }} as mine_unresolved_share,
        unresolved_units.imbalance_units / {{ unit }} as imbalance_share
    from side_by_side
    inner join questions on side_by_side.question_number = questions.question_number
    inner join unresolved_units on side_by_side.question_number = unresolved_units.question_number
    left join {{ ref('int_trade__parties') }} as origin
        on side_by_side.origin_number = origin.party_number
    left join balances as importer
        on {{ same_key('questions', 'importer', ['graph_number', 'party_number']) }}
    left join balances as refiner
        on
            questions.graph_number = refiner.graph_number
            and side_by_side.origin_number = refiner.party_number
    left join balances as miner
        on
            case
                when questions.stage = 'mine' then questions.graph_number
                else questions.feed_graph_number
            end = miner.graph_number
            and side_by_side.origin_number = miner.party_number
    where
        side_by_side.origin_number > 0
        and side_by_side.declared_units + side_by_side.refiner_units + side_by_side.mine_units > 0

)

select
    graph_number,
    party_number,
    measure,
    denominator,
    origin_number,
    is_seller,
    is_partly_weighed,
    case when not is_partly_weighed then {{ nine_digits('known_declared_share') }} end
        as declared_origin_share,
    {{ nine_digits('refiner_origin_share') }} as refiner_origin_share,
    {{ nine_digits('mine_origin_share') }} as mine_origin_share,
    -- Countries are ranked among each other; blocs stand beside them.
    {%- for view, share in [
        ('declared_origin', 'known_declared_share'),
        ('refiner_origin', 'refiner_origin_share'),
        ('mine_origin', 'mine_origin_share'),
    ] %}
    case
        when is_country and {{ share }} > 0
            then
                rank() over (
                    partition by question_number, is_country
                    order by {{ share }} desc nulls last
                )
    end as {{ view }}_rank,
    {%- endfor %}
    {{ nine_digits('refiner_unresolved_share') }} as refiner_unresolved_share,
    {{ nine_digits('mine_unresolved_share') }} as mine_unresolved_share,
    {{ nine_digits('imbalance_share') }} as imbalance_share
from origin_shares
