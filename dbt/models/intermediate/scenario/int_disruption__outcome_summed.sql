{#-
    What is lost, received from others, taken from stock and short, by importer and case, in whole grams; blocs
    are their members added up. Between members of a bloc nothing is imported: by declared partner its supply
    is what comes from outside.
-#}
with

questions as (

    select * from {{ ref('int_disruption__question_opened') }}

),

cases as (

    select * from {{ ref('disruption_case') }}

),

losses as (

    select * from {{ ref('int_disruption__loss_counted') }}

),

received as (

    select
        question_number,
        case_id,
        importer_number,
        cast(sum(received_g) as bigint) as received_g
    from {{ ref('int_disruption__spare_shared') }}
    group by question_number, case_id, importer_number

),

links as (

    select * from {{ ref('int_disruption__link_weighed') }}

),

members as (

    select * from {{ ref('int_trade__bloc_member_numbered') }}
    where bloc_id in ('EU27', 'G7', 'MEETING_2026_01_12')

),

by_country as (

    select
        losses.question_number,
        cases.case_id,
        losses.importer_number,
        losses.is_named,
        losses.value_usd,
        losses.value_weighed_usd,
        losses.supply_g,
        losses.consumption_g,
        losses.loss_g,
        coalesce(received.received_g, 0) as received_g,
        case
            when cases.has_stock
                then least(losses.stock_g, losses.loss_g - coalesce(received.received_g, 0))
            else 0
        end as stock_used_g,
        losses.consumption_null_reason
    from losses
    cross join cases
    left join received
        on
            losses.question_number = received.question_number
            and cases.case_id = received.case_id
            and losses.importer_number = received.importer_number

),

inside as (

    select
        questions.question_number,
        buyer.bloc_number,
        cast(sum(floor(links.link_g * questions.year_share)) as bigint) as inside_g
    from questions
    inner join links on questions.question_number = links.question_number
    inner join members as buyer
        on
            questions.reference_year = buyer.reference_year
            and links.importer_number = buyer.member_number
    inner join members as seller
        on
            buyer.bloc_number = seller.bloc_number
            and buyer.reference_year = seller.reference_year
            and links.origin_number = seller.member_number
    where questions.origin_view = 'face'
    group by questions.question_number, buyer.bloc_number

),

by_bloc as (

    select
        by_country.question_number,
        by_country.case_id,
        members.bloc_number as importer_number,
        bool_and(by_country.is_named) as is_named,
        cast(sum(by_country.value_usd) as bigint) as value_usd,
        cast(sum(by_country.value_weighed_usd) as bigint) as value_weighed_usd,
        cast(sum(by_country.supply_g) as bigint) as supply_g,
        cast(sum(by_country.consumption_g) as bigint) as consumption_g,
        cast(sum(by_country.loss_g) as bigint) as loss_g,
        cast(sum(by_country.received_g) as bigint) as received_g,
        cast(sum(by_country.stock_used_g) as bigint) as stock_used_g,
        -- A member whose own use is not known, and the sum would say that it uses nothing.
        max(
            case
                when by_country.consumption_null_reason <> 'no_apparent_supply'
                    then by_country.consumption_null_reason
            end
        ) as consumption_null_reason
    from by_country
    inner join questions on by_country.question_number = questions.question_number
    inner join members
        on
            questions.reference_year = members.reference_year
            and by_country.importer_number = members.member_number
    where questions.target_number is null
    group by by_country.question_number, by_country.case_id, members.bloc_number

),

everybody as (

    select
        by_country.*,
        0 as inside_g
    from by_country
    union all
    select
        by_bloc.question_number,
        by_bloc.case_id,
        by_bloc.importer_number,
        by_bloc.is_named,
        by_bloc.value_usd,
        by_bloc.value_weighed_usd,
        by_bloc.supply_g,
        case when by_bloc.consumption_null_reason is null then by_bloc.consumption_g end
            as consumption_g,
        by_bloc.loss_g,
        by_bloc.received_g,
        by_bloc.stock_used_g,
        by_bloc.consumption_null_reason,
        coalesce(inside.inside_g, 0) as inside_g
    from by_bloc
    left join inside
        on
            by_bloc.question_number = inside.question_number
            and by_bloc.importer_number = inside.bloc_number

),

judged as (

    select
        everybody.*,
        case
            when
                questions.origin_view = 'face'
                and coalesce(everybody.value_weighed_usd / nullif(everybody.value_usd, 0), 0)
                < {{ var('quantity_coverage_minimum') }}
                then 'tonnage_not_published'
        end as null_reason
    from everybody
    inner join questions on everybody.question_number = questions.question_number

)

select
    question_number,
    case_id,
    importer_number,
    is_named,
    case when null_reason is null then cast(supply_g - inside_g as bigint) end as supply_g,
    consumption_g,
    {%- for measure in ['loss_g', 'received_g', 'stock_used_g'] %}
    case when null_reason is null then {{ measure }} end as {{ measure }},
    {%- endfor %}
    null_reason,
    consumption_null_reason
from judged
