{#-
    Whose deliveries each importer lives on in each question, in whole grams a year. By declared partner it is
    what the importer buys; by origin it is its apparent supply, its own output included, in the mix that the
    look-through gives it. What has no origin is nobody's: it is neither lost nor replaced.
-#}
{%- set unit = '1e15' %}
with

questions as (

    select * from {{ ref('int_disruption__question_opened') }}
    where null_reason is null

),

flows as (

    select * from {{ ref('int_trade__flow_valued') }}
    where pool_number is not null and not is_code_drift and not is_suspected_double_count

),

supplies as (

    select * from {{ ref('int_view__supply_closed') }}
    where not is_withheld and apparent_g > 0

),

traced as (

    select * from {{ ref('int_view__origin_traced') }}
    where origin_number > 0

),

fed as (

    select * from {{ ref('int_view__feed_covered') }}

),

graphs as (

    select distinct
        graph_number,
        feed_graph_number
    from questions
    where origin_view <> 'face'

),

declared as (

    select
        questions.question_number,
        flows.importer_number,
        flows.exporter_number as origin_number,
        cast(
            sum(
                case
                    when questions.quantity_basis = 'gross' then flows.quantity_kg * 1000
                    else flows.contained_g
                end
            ) as bigint
        ) as link_g,
        cast(sum(flows.value_usd) as bigint) as value_usd,
        cast(
            sum(
                case
                    when questions.quantity_basis = 'gross' and flows.quantity_kg is null then null
                    when questions.quantity_basis <> 'gross' and flows.contained_g is null then null
                    else flows.value_usd
                end
            ) as bigint
        ) as value_weighed_usd
    from questions
    inner join flows
        on
            questions.series_number = flows.pool_number
            and questions.reference_year = flows.reference_year
    where questions.origin_view = 'face'
    group by questions.question_number, flows.importer_number, flows.exporter_number

),

made as (

    select
        traced.graph_number,
        traced.party_number as importer_number,
        traced.origin_number,
        traced.units / {{ unit }} * supplies.apparent_g as made_g
    from traced
    inner join graphs on traced.graph_number = graphs.graph_number
    inner join supplies
        on
            traced.graph_number = supplies.graph_number
            and traced.party_number = supplies.party_number

),

-- Sums of whole grams: no order of addition changes a digit.
mined as (

    select
        made.graph_number,
        made.importer_number,
        ore.origin_number,
        cast(
            sum(cast(floor(made.made_g * fed.fed_share * (ore.units / {{ unit }})) as bigint))
            as bigint
        ) as link_g
    from made
    inner join fed
        on made.graph_number = fed.graph_number and made.origin_number = fed.party_number
    inner join traced as ore
        on
            fed.feed_graph_number = ore.graph_number
            and fed.party_number = ore.party_number
    where fed.fed_share > 0
    group by made.graph_number, made.importer_number, ore.origin_number

)

select
    question_number,
    importer_number,
    cast(origin_number as integer) as origin_number,
    coalesce(link_g, 0) as link_g,
    value_usd,
    coalesce(value_weighed_usd, 0) as value_weighed_usd
from declared
union all
select
    questions.question_number,
    made.importer_number,
    made.origin_number,
    cast(floor(made.made_g) as bigint) as link_g,
    cast(null as bigint) as value_usd,
    cast(null as bigint) as value_weighed_usd
from questions
inner join made on questions.graph_number = made.graph_number
where
    questions.origin_view = 'refiner_origin'
    or (questions.origin_view = 'mine_origin' and questions.stage = 'mine')
union all
select
    questions.question_number,
    mined.importer_number,
    mined.origin_number,
    mined.link_g,
    cast(null as bigint) as value_usd,
    cast(null as bigint) as value_weighed_usd
from questions
inner join mined on questions.graph_number = mined.graph_number
where questions.origin_view = 'mine_origin' and questions.stage <> 'mine'
