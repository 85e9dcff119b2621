{#-
    What is lost, received from others, taken from stock, by importer and case, in whole grams. A bloc receives
    and takes from stock what its members do, at most what it lacks: by origin it is one node, and its loss may
    be less than that of members who sell each other what they bought.
-#}
with

questions as (

    select * from {{ ref('int_disruption__scenario_cases') }}

),

cases as (

    select * from {{ ref('disruption_case') }}

),

losses as (

    select * from {{ ref('int_disruption__gross_losses') }}

),

received as (

    select
        question_number,
        case_id,
        importer_number,
        cast(sum(received_g) as bigint) as received_g
    from {{ ref('int_disruption__spare_allocations') }}
    group by question_number, case_id, importer_number

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

by_country as (

    select
        losses.question_number,
        cases.case_id,
        losses.importer_number,
        coalesce(received.received_g, 0) as received_g,
        case
            when cases.has_stock
                then
                    least(
                        coalesce(losses.stock_g, 0),
                        losses.loss_g - coalesce(received.received_g, 0)
                    )
            else 0
        end as stock_used_g
    from losses
    cross join cases
    left join received
        on
            losses.question_number = received.question_number
            and cases.case_id = received.case_id
            and losses.importer_number = received.importer_number
    where not losses.is_bloc

),

by_bloc as (

    select
        by_country.question_number,
        by_country.case_id,
        members.bloc_number as importer_number,
        cast(sum(by_country.received_g) as bigint) as received_g,
        cast(sum(by_country.stock_used_g) as bigint) as stock_used_g
    from by_country
    inner join questions on by_country.question_number = questions.question_number
    inner join members
        on
            questions.reference_year = members.reference_year
            and by_country.importer_number = members.member_number
    group by by_country.question_number, by_country.case_id, members.bloc_number

),

helped as (

    select * from by_country
    union all
    select * from by_bloc

)

select
    losses.question_number,
    cases.case_id,
    losses.importer_number,
    losses.is_named,
    losses.is_supplied,
    case when losses.null_reason is null then losses.supply_g end as supply_g,
    losses.consumption_g,
    case when losses.null_reason is null then losses.loss_g end as loss_g,
    case
        when losses.null_reason is null
            then cast(least(losses.loss_g, coalesce(helped.received_g, 0)) as bigint)
    end as received_g,
    case
        when losses.null_reason is null
            then
                cast(
                    least(
                        losses.loss_g - least(losses.loss_g, coalesce(helped.received_g, 0)),
                        coalesce(helped.stock_used_g, 0)
                    ) as bigint
                )
    end as stock_used_g,
    losses.null_reason,
    losses.consumption_null_reason
from losses
cross join cases
left join helped
    on
        losses.question_number = helped.question_number
        and cases.case_id = helped.case_id
        and losses.importer_number = helped.importer_number
