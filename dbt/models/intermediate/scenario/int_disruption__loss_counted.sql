{#-
    What each importer has over the time of a scenario and what of it the supplier takes away, in whole grams.
    The supplier itself is not hit, nor is anybody but the target where there is one. Purchases without a
    tonnage are not in it: how much of the value has one stands beside.
-#}
with

questions as (

    select * from {{ ref('int_disruption__question_opened') }}

),

links as (

    select * from {{ ref('int_disruption__link_weighed') }}

),

supplies as (

    select * from {{ ref('int_view__supply_closed') }}

),

stocks as (

    select
        parties.party_number,
        stock.stock_days
    from {{ ref('disruption_stock') }} as stock
    inner join {{ ref('int_trade__party_numbered') }} as parties
        on stock.importer_id = parties.party_id

),

summed as (

    select
        questions.question_number,
        links.importer_number,
        cast(sum(links.link_g) as bigint) as linked_g,
        cast(
            coalesce(
                sum(
                    case when links.origin_number = questions.supplier_number then links.link_g end
                ), 0
            ) as bigint
        ) as supplied_g,
        cast(sum(links.value_usd) as bigint) as value_usd,
        cast(sum(links.value_weighed_usd) as bigint) as value_weighed_usd
    from links
    inner join questions on links.question_number = questions.question_number
    where
        links.importer_number <> questions.supplier_number
        and (
            questions.target_number is null or links.importer_number = questions.target_number
        )
    group by questions.question_number, links.importer_number

),

judged as (

    select
        summed.question_number,
        summed.importer_number,
        questions.loss_factor,
        questions.year_share,
        summed.supplied_g,
        case
            when questions.origin_view = 'face' then summed.linked_g
            else supplies.apparent_g
        end as supply_g,
        supplies.apparent_g,
        coalesce(supplies.is_named, false) as is_named,
        coalesce(stocks.stock_days, 0) as stock_days,
        summed.value_usd,
        summed.value_weighed_usd,
        case
            when questions.consumption_null_reason is not null
                then questions.consumption_null_reason
            when coalesce(supplies.is_withheld, false) then 'own_production_withheld'
            when coalesce(supplies.apparent_g, 0) <= 0 then 'no_apparent_supply'
        end as consumption_null_reason
    from summed
    inner join questions on summed.question_number = questions.question_number
    left join supplies
        on
            questions.graph_number = supplies.graph_number
            and summed.importer_number = supplies.party_number
    left join stocks on summed.importer_number = stocks.party_number

)

select
    question_number,
    importer_number,
    is_named,
    value_usd,
    value_weighed_usd,
    cast(floor(supply_g * year_share) as bigint) as supply_g,
    cast(
        case when consumption_null_reason is null then floor(apparent_g * year_share) end as bigint
    ) as consumption_g,
    cast(floor(supplied_g * loss_factor) as bigint) as loss_g,
    -- Days of a stock are days of what is used, or of what is bought where use is not known.
    cast(
        floor(
            case when consumption_null_reason is null then apparent_g else supply_g end
            * (stock_days / 365)
        ) as bigint
    ) as stock_g,
    consumption_null_reason
from judged
