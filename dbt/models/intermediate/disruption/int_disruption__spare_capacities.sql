{#-
    What others could deliver beside what they deliver, over the time of a scenario, in whole grams: idle
    capacity where it is printed, else a seeded part of production. Nothing where the source counts more than
    the lines hold, or names nobody.
-#}
with

questions as (

    select * from {{ ref('int_disruption__scenario_cases') }}
    where null_reason is null and graph_number is not null

),

cases as (

    select * from {{ ref('disruption_case') }}
    where has_spare

),

rules as (

    select * from {{ ref('disruption_spare') }}

),

supplies as (

    select * from {{ ref('int_look_through__node_balances') }}
    where production_g > 0 and not is_withheld

),

capacities as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'capacity' and is_current_edition and quantity_tonnes is not null

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

ruled as (

    select
        questions.*,
        coalesce(own.spare_kind, general.spare_kind) as spare_kind,
        coalesce(own.spare_share, general.spare_share) as spare_share,
        coalesce(own.ramp, general.ramp) as ramp,
        -- Mines have their own idle shafts: by origin of ore the spare is the miners'.
        case
            when questions.origin_view = 'mine_origin' and questions.stage <> 'mine'
                then questions.feed_graph_number
            else questions.graph_number
        end as producer_graph_number
    from questions
    inner join rules as general on general.mineral_id is null
    left join rules as own
        on
            questions.mineral_id = own.mineral_id
            and questions.stage = own.stage
            and (questions.origin_view <> 'mine_origin' or questions.stage = 'mine')

)

select
    ruled.question_number,
    cases.case_id,
    cast(supplies.party_number as integer) as origin_number,
    cast(
        floor(
            case
                when ruled.spare_kind = 'printed_capacity'
                    then
                        greatest(
                            capacities.quantity_tonnes * 1000000
                            - supplies.production_g,
                            0
                        )
                else supplies.production_g * ruled.spare_share
            end
            * ruled.ramp * ruled.year_share
        ) as bigint
    ) as spare_g
from ruled
cross join cases
inner join supplies
    on
        ruled.producer_graph_number = supplies.graph_number
        and ruled.supplier_number <> supplies.party_number
left join parties on supplies.party_number = parties.party_number
left join capacities
    on
        ruled.production_source_id = capacities.source_id
        and ruled.mineral_id = capacities.mineral_id
        and ruled.stage = capacities.stage
        and ruled.production_form = capacities.form
        and ruled.production_basis = capacities.basis
        and ruled.reference_year = capacities.reference_year
        and parties.party_id = capacities.country_iso3
-- A capacity that is not printed is not known, and not used up.
where ruled.spare_kind <> 'printed_capacity' or capacities.quantity_tonnes is not null
