{#-
    What each importer has over the time of a scenario and what of it the supplier takes away, in whole grams.
    The supplier itself is not hit, nor is anybody but the target where there is one. Purchases without a
    tonnage are not in it: how much of the value has one decides whether there is a figure. The ministerial's
    parties and the blocs have a row in every answered question, with the reason where they have no figure.
-#}
with

questions as (

    select * from {{ ref('int_disruption__scenario_cases') }}
    where null_reason is null

),

links as (select * from {{ ref('int_disruption__supply_links') }}),
graphs as (select * from {{ ref('int_look_through__graphs') }}),
supplies as (select * from {{ ref('int_look_through__node_balances') }}),
gaps as (select * from {{ ref('int_trade__missing_imports') }}),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}
    where bloc_id in ('EU27', 'G7', 'MEETING_2026_01_12')

),

stocks as (

    select
        parties.party_number,
        stock.stock_days
    from {{ ref('disruption_stock') }} as stock
    inner join {{ ref('int_trade__parties') }} as parties
        on stock.importer_id = parties.party_id

),

link_sums as (

    select
        questions.question_number,
        links.importer_number,
        cast(sum(links.link_g) as bigint) as linked_g,
        coalesce(
            bool_or(
                links.origin_number = questions.supplier_number
                and (links.link_g > 0 or links.value_usd > 0)
            ),
            false
        ) as is_supplied,
        max(
            case
                when
                    links.origin_number = questions.supplier_number
                    and not {{ is_weighed('links.value_weighed_usd', 'links.value_usd') }}
                    then
                        case
                            when links.link_g > 0 then 'origin_tonnage_partly_published'
                            else 'origin_tonnage_not_published'
                        end
            end
        ) as supplier_null_reason,
        cast(sum(links.lost_g) as bigint) as lost_g,
        cast(sum(links.value_usd) as bigint) as value_usd,
        cast(sum(links.value_weighed_usd) as bigint) as value_weighed_usd
    from links
    inner join questions on links.question_number = questions.question_number
    group by questions.question_number, links.importer_number

),

-- Each area that is seen to buy; the ministerial's parties and the blocs in any case.
pairs as (

    select
        question_number,
        importer_number
    from link_sums
    union
    select
        questions.question_number,
        members.member_number as importer_number
    from questions
    inner join members on questions.reference_year = members.reference_year
    where members.bloc_id = 'MEETING_2026_01_12'
    union
    select
        questions.question_number,
        members.bloc_number as importer_number
    from questions
    inner join members on questions.reference_year = members.reference_year

),

blocs as (

    select distinct bloc_number from members

),

importer_balances as (

    select
        questions.question_number,
        case when graphs.bloc_number = 0 then supplies.party_number else graphs.bloc_number end
            as importer_number,
        supplies.is_named,
        supplies.is_withheld,
        supplies.apparent_g,
        supplies.exported_outlier_g,
        -- What is bought without tonnes is in no supply: shares of the rest would be too high.
        case
            when
                supplies.value_usd > 0
                and not {{ is_weighed('supplies.value_weighed_usd', 'supplies.value_usd') }}
                then {{ tonnage_null_reason('supplies.value_weighed_usd') }}
        end as tonnage_null_reason
    from questions
    inner join graphs on questions.base_number = graphs.base_number
    inner join supplies
        on
            graphs.graph_number = supplies.graph_number
            and (graphs.bloc_number = 0 or graphs.bloc_number = supplies.party_number)

),

-- Whose output the source prints. Of a country that it does not name nothing is traced: no 0.
named_suppliers as (

    select
        questions.question_number,
        graphs.bloc_number
    from questions
    inner join graphs on questions.base_number = graphs.base_number
    inner join supplies
        on
            case
                when questions.origin_view = 'mine_origin' and questions.stage <> 'mine'
                    then graphs.feed_graph_number
                else graphs.graph_number
            end = supplies.graph_number
            and questions.supplier_number = supplies.party_number
    where supplies.is_named

),

losses_by_importer as (

    select
        pairs.question_number,
        pairs.importer_number,
        blocs.bloc_number is not null as is_bloc,
        questions.year_share,
        coalesce(link_sums.lost_g, 0) as loss_g,
        coalesce(link_sums.is_supplied, false) as is_supplied,
        case
            when questions.origin_view = 'declared_origin' then link_sums.linked_g
            else importer_balances.apparent_g
        end as supply_g,
        importer_balances.apparent_g,
        importer_balances.exported_outlier_g,
        coalesce(importer_balances.is_named, false) as is_named,
        coalesce(stocks.stock_days, 0) as stock_days,
        case
            when questions.consumption_null_reason is not null
                then questions.consumption_null_reason
            when coalesce(importer_balances.is_withheld, false) then 'own_production_withheld'
            when coalesce(importer_balances.apparent_g, 0) <= 0 then 'no_apparent_supply'
            else importer_balances.tonnage_null_reason
        end as consumption_null_reason,
        case
            when
                questions.origin_view <> 'declared_origin'
                and named_suppliers.question_number is null
                and not coalesce(link_sums.is_supplied, false)
                then
                    case questions.origin_view
                        when 'refiner_origin' then 'refiner_not_named'
                        else 'miner_not_named'
                    end
        end as origin_null_reason,
        case
            when questions.origin_view <> 'declared_origin' then null
            when link_sums.importer_number is null
                then coalesce(gaps.null_reason, 'no_imports_recorded')
            when
                coalesce(link_sums.value_weighed_usd / nullif(link_sums.value_usd, 0), 0)
                < {{ threshold('quantity_coverage_minimum') }}
                then {{ tonnage_null_reason('link_sums.value_weighed_usd') }}
            else link_sums.supplier_null_reason
        end as declared_null_reason,
        questions.origin_view
    from pairs
    inner join questions on pairs.question_number = questions.question_number
    left join link_sums
        on {{ same_key('pairs', 'link_sums', ['question_number', 'importer_number']) }}
    left join blocs on pairs.importer_number = blocs.bloc_number
    left join importer_balances
        on {{ same_key('pairs', 'importer_balances', ['question_number', 'importer_number']) }}
    left join named_suppliers
        on
            pairs.question_number = named_suppliers.question_number
            and coalesce(blocs.bloc_number, 0) = named_suppliers.bloc_number
    left join gaps
        on
            pairs.importer_number = gaps.importer_number
            and questions.mineral_id = gaps.mineral_id
            and questions.stage = gaps.stage
            and questions.reference_year = gaps.reference_year
    left join stocks on pairs.importer_number = stocks.party_number
    where
        pairs.importer_number <> questions.supplier_number
        and (
            questions.target_number is null or pairs.importer_number = questions.target_number
        )

)

select
    question_number,
    importer_number,
    is_bloc,
    is_named,
    cast(floor(supply_g * year_share) as bigint) as supply_g,
    cast(
        case when consumption_null_reason is null then floor(apparent_g * year_share) end as bigint
    ) as consumption_g,
    loss_g,
    is_supplied,
    -- What is sold counts where it is subtracted; by origin, where nothing is left, it may be why.
    (
        consumption_null_reason is null
        or (consumption_null_reason = 'no_apparent_supply' and origin_view <> 'declared_origin')
    )
    and coalesce(
        exported_outlier_g > {{ threshold('outlier_quantity_share') }} * greatest(apparent_g, 0),
        false
    ) as has_exported_outliers,
    -- Days of a stock are days of what is used, or of what is bought where use is not known.
    cast(
        floor(
            case when consumption_null_reason is null then apparent_g else supply_g end
            * (stock_days / 365)
        ) as bigint
    ) as stock_g,
    case
        when origin_view = 'declared_origin' then declared_null_reason
        else coalesce(consumption_null_reason, origin_null_reason)
    end as null_reason,
    consumption_null_reason
from losses_by_importer
