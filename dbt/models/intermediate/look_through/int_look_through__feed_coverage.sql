{#-
    What part of a refiner's output is covered by the ore and intermediates that it is seen to have: all of it
    where they are more, none where it has no feed that we know of.
-#}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}

),

supplies as (

    select * from {{ ref('int_look_through__node_balances') }}

),

feeds as (

    select
        traded.graph_number,
        feed.graph_number as feed_graph_number
    from graphs as traded
    inner join graphs as feed
        on
            traded.mineral_id = feed.mineral_id
            and traded.stage = feed.stage
            and traded.reference_year = feed.reference_year
            and traded.bloc_number = feed.bloc_number
    where traded.role = 'traded' and feed.role = 'feed'

)

select
    feeds.graph_number,
    refiner.party_number,
    feeds.feed_graph_number,
    case
        when refiner.production_g = 0 or feed.party_number is null or feed.is_withheld
            then cast(0 as double)
        when feed.apparent_g >= refiner.production_g then cast(1 as double)
        else feed.apparent_g / refiner.production_g
    end as fed_share
from feeds
inner join supplies as refiner on feeds.graph_number = refiner.graph_number
left join supplies as feed
    on
        feeds.feed_graph_number = feed.graph_number
        and refiner.party_number = feed.party_number
