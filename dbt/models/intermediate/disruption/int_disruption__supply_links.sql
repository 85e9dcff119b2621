{#-
    Whose deliveries each importer lives on in each question, in whole grams a year. By declared partner it is
    what the importer buys; by origin it is its apparent supply, its own output included, in the mix that the
    look-through gives it. What has no origin is nobody's: it is neither lost nor replaced. Blocs are importers
    too: what their members sell each other is not bought, and by origin they are one node of a graph of their
    own. `lost_g` is what of it the scenario takes away: of the supplier's deliveries to others than itself, or
    to the target where there is one.
-#}
{%- set unit = '1e15' %}
with

questions as (

    select * from {{ ref('int_disruption__scenario_cases') }}
    where null_reason is null

),

flows as (

    select * from {{ ref('int_trade__measured_flows') }}
    where
        is_current_edition
        and pool_number is not null
        and not is_code_drift
        and not is_suspected_double_count

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}
    where bloc_id in ('EU27', 'G7', 'MEETING_2026_01_12')

),

supplies as (select * from {{ ref('int_look_through__node_balances') }}),

traced_origins as (

    select * from {{ ref('int_look_through__node_origins') }}
    where origin_number > 0

),

graphs as (select * from {{ ref('int_look_through__graphs') }}),

declared_flows as (

    select
        questions.question_number,
        false as is_bloc,
        flows.importer_number,
        flows.exporter_number as origin_number,
        questions.reference_year,
        case
            when questions.quantity_basis = 'gross' then flows.quantity_kg * 1000
            else flows.contained_g
        end as link_g,
        flows.value_usd
    from questions
    inner join flows
        on
            questions.series_number = flows.pool_number
            and questions.reference_year = flows.reference_year
    where questions.origin_view = 'declared_origin'

),

declared_by_bloc as (

    select
        declared_flows.question_number,
        true as is_bloc,
        buyer.bloc_number as importer_number,
        declared_flows.origin_number,
        declared_flows.reference_year,
        declared_flows.link_g,
        declared_flows.value_usd
    from declared_flows
    inner join members as buyer
        on
            declared_flows.reference_year = buyer.reference_year
            and declared_flows.importer_number = buyer.member_number
    left join members as seller
        on
            buyer.bloc_number = seller.bloc_number
            and buyer.reference_year = seller.reference_year
            and declared_flows.origin_number = seller.member_number
    where seller.member_number is null

),

declared_by_all as (

    select * from declared_flows
    union all
    select * from declared_by_bloc

),

outputs as (

    select
        questions.question_number,
        questions.origin_view,
        questions.stage,
        graphs.bloc_number > 0 as is_bloc,
        traced_origins.graph_number,
        traced_origins.party_number as importer_number,
        traced_origins.origin_number,
        traced_origins.units / {{ unit }} * supplies.apparent_g as made_g
    from questions
    -- Countries apart (bloc 0), and each bloc as one node.
    inner join graphs on questions.base_number = graphs.base_number
    inner join traced_origins
        on
            graphs.graph_number = traced_origins.graph_number
            and (graphs.bloc_number = 0 or graphs.bloc_number = traced_origins.party_number)
    inner join supplies
        on {{ same_key('traced_origins', 'supplies', ['graph_number', 'party_number']) }}
    where not supplies.is_withheld and supplies.apparent_g > 0

),

links as (

    select
        question_number,
        is_bloc,
        importer_number,
        cast(origin_number as integer) as origin_number,
        cast(coalesce(sum(link_g), 0) as bigint) as link_g,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(coalesce(sum(case when link_g is not null then value_usd end), 0) as bigint)
            as value_weighed_usd
    from declared_by_all
    group by question_number, is_bloc, importer_number, origin_number
    union all
    select
        question_number,
        is_bloc,
        importer_number,
        origin_number,
        cast(floor(made_g) as bigint) as link_g,
        cast(null as bigint) as value_usd,
        cast(null as bigint) as value_weighed_usd
    from outputs
    where
        origin_view = 'refiner_origin'
        or (origin_view = 'mine_origin' and stage = 'mine')
    union all
    -- Sums of whole grams: no order of addition changes a digit.
    select
        outputs.question_number,
        outputs.is_bloc,
        outputs.importer_number,
        ore.origin_number,
        cast(
            sum(
                cast(floor(outputs.made_g * refiner.fed_share * (ore.units / {{ unit }})) as bigint)
            ) as bigint
        ) as link_g,
        cast(null as bigint) as value_usd,
        cast(null as bigint) as value_weighed_usd
    from outputs
    inner join supplies as refiner
        on
            outputs.graph_number = refiner.graph_number
            and outputs.origin_number = refiner.party_number
    inner join traced_origins as ore
        on
            refiner.feed_graph_number = ore.graph_number
            and refiner.party_number = ore.party_number
    where outputs.origin_view = 'mine_origin' and outputs.stage <> 'mine' and refiner.fed_share > 0
    group by outputs.question_number, outputs.is_bloc, outputs.importer_number, ore.origin_number

)

select
    links.*,
    case
        when
            links.origin_number = questions.supplier_number
            and links.importer_number <> questions.supplier_number
            and (
                questions.target_number is null
                or links.importer_number = questions.target_number
            )
            then cast(floor(links.link_g * questions.loss_factor) as bigint)
        else 0
    end as lost_g
from links
inner join questions on links.question_number = questions.question_number
