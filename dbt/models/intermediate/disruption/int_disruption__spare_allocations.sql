{#-
    What others could deliver beside what they deliver, over the time of a scenario, in whole grams: idle
    capacity where it is printed, else a seeded part of production. Nothing where the source counts more than
    the lines hold, or names nobody.
    Who gets it is one problem: what one importer gets nobody else gets. Each round every producer
    offers all that it has left to those who still lack something, in the proportion of what they take from
    it; nobody takes more than it lacks, and what is refused is offered again. Whole grams; a producer that no
    importer in need buys from helps nobody. What is left over stands with no importer.
-#}
{%- set rounds = threshold('disruption_rounds') | int(2) %}
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
            and case
                when questions.origin_view <> 'mine_origin' or questions.stage = 'mine'
                    then questions.stage
            end = own.stage

),

spares_0 as {{ held() }} (

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

),

links as (

    select * from {{ ref('int_disruption__supply_links') }}
    where link_g > 0

),

helped as (

    select distinct
        question_number,
        case_id
    from spares_0
    where spare_g > 0

),

needs_0 as (

    select
        links.question_number,
        helped.case_id,
        links.importer_number,
        cast(sum(links.lost_g) as bigint) as need_g
    from links
    inner join helped on links.question_number = helped.question_number
    where links.lost_g > 0 and not links.is_bloc
    group by links.question_number, helped.case_id, links.importer_number

),
{%- for round in range(1, rounds + 1) %}

offers_{{ round }} as {{ held() }} (

    select
        needs.question_number,
        needs.case_id,
        needs.importer_number,
        needs.need_g,
        spares.origin_number,
        cast(
            floor(
                spares.spare_g * (
                    links.link_g
                    / sum(links.link_g) over (
                        partition by needs.question_number, needs.case_id, spares.origin_number
                    )
                )
            ) as bigint
        ) as offer_g
    from needs_{{ round - 1 }} as needs
    inner join links
        on
            needs.question_number = links.question_number
            and needs.importer_number = links.importer_number
    inner join spares_{{ round - 1 }} as spares
        on
            needs.question_number = spares.question_number
            and needs.case_id = spares.case_id
            and links.origin_number = spares.origin_number
    where needs.need_g > 0 and spares.spare_g > 0

),

given_{{ round }} as {{ held() }} (

    select
        question_number,
        case_id,
        importer_number,
        origin_number,
        offer_g,
        cast(
            floor(
                offer_g
                * least(
                    1,
                    need_g
                    / sum(offer_g) over (partition by question_number, case_id, importer_number)
                )
            ) as bigint
        ) as given_g
    from offers_{{ round }}
    where offer_g > 0

),

taken_{{ round }} as (

    select
        question_number,
        case_id,
        importer_number,
        sum(offer_g) as offer_g,
        sum(given_g) as given_g
    from given_{{ round }}
    group by question_number, case_id, importer_number

),

spent_{{ round }} as (

    select
        question_number,
        case_id,
        origin_number,
        sum(given_g) as given_g
    from given_{{ round }}
    group by question_number, case_id, origin_number

),

needs_{{ round }} as {{ held() }} (

    select
        needs.question_number,
        needs.case_id,
        needs.importer_number,
        -- Who was offered enough lacks nothing: grams lost in rounding would draw offers for ever.
        case
            when taken.offer_g >= needs.need_g then cast(0 as bigint)
            else cast(needs.need_g - coalesce(taken.given_g, 0) as bigint)
        end as need_g
    from needs_{{ round - 1 }} as needs
    left join taken_{{ round }} as taken
        on
            needs.question_number = taken.question_number
            and needs.case_id = taken.case_id
            and needs.importer_number = taken.importer_number

),

spares_{{ round }} as {{ held() }} (

    select
        spares.question_number,
        spares.case_id,
        spares.origin_number,
        cast(spares.spare_g - coalesce(spent.given_g, 0) as bigint) as spare_g
    from spares_{{ round - 1 }} as spares
    left join spent_{{ round }} as spent
        on
            spares.question_number = spent.question_number
            and spares.case_id = spent.case_id
            and spares.origin_number = spent.origin_number

),
{%- endfor %}

given as (
    {%- for round in range(1, rounds + 1) %}
    {%- if not loop.first %}
    union all
    {%- endif %}
    select
        question_number,
        case_id,
        importer_number,
        origin_number,
        given_g
    from given_{{ round }}
    {%- endfor %}

)

select
    question_number,
    case_id,
    origin_number,
    importer_number,
    cast(sum(given_g) as bigint) as spare_g
from given
where given_g > 0
group by question_number, case_id, origin_number, importer_number
union all
select
    question_number,
    case_id,
    origin_number,
    cast(null as smallint) as importer_number,
    spare_g
from spares_{{ rounds }}
