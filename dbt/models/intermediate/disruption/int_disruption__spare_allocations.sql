{#-
    Who gets what others could deliver beside what they deliver, over the time of a scenario, in whole grams.
    No rows where the source counts more than the lines hold, or names nobody.
    All importers are allocated together: what one gets no other gets. In each round every producer offers all that
    it has left to its customers that still lack something, in proportion to what they buy from it. Nobody takes more
    than it lacks; what is refused is offered again in the next round. A producer none of whose customers lacks
    anything delivers nothing more. What is left over is a row without an importer.
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

spares_0 as {{ materialized_cte() }} (

    select
        questions.question_number,
        cases.case_id,
        spares.party_number as origin_number,
        cast(floor(spares.spare_g * questions.year_share) as bigint) as spare_g
    from questions
    cross join cases
    inner join {{ ref('int_disruption__spares') }} as spares
        on
            {{ same_key('questions', 'spares', [
                'mineral_id', 'stage', 'reference_year', 'origin_view',
            ]) }}
            and questions.supplier_number <> spares.party_number
    where spares.spare_g is not null

),

links as (

    select * from {{ ref('int_disruption__supply_links') }}
    where link_g > 0

),

cases_with_spare as (

    select distinct
        question_number,
        case_id
    from spares_0
    where spare_g > 0

),

needs_0 as (

    select
        links.question_number,
        cases_with_spare.case_id,
        links.importer_number,
        cast(sum(links.lost_g) as bigint) as need_g
    from links
    inner join cases_with_spare on links.question_number = cases_with_spare.question_number
    where links.lost_g > 0 and not links.is_bloc
    group by links.question_number, cases_with_spare.case_id, links.importer_number

),
{%- for round in range(1, rounds + 1) %}

offers_{{ round }} as {{ materialized_cte() }} (

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
        on {{ same_key('needs', 'links', ['question_number', 'importer_number']) }}
    inner join spares_{{ round - 1 }} as spares
        on
            needs.question_number = spares.question_number
            and needs.case_id = spares.case_id
            and links.origin_number = spares.origin_number
    where needs.need_g > 0 and spares.spare_g > 0

),

given_{{ round }} as {{ materialized_cte() }} (

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

needs_{{ round }} as {{ materialized_cte() }} (

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
        on {{ same_key('needs', 'taken', ['question_number', 'case_id', 'importer_number']) }}

),

spares_{{ round }} as {{ materialized_cte() }} (

    select
        spares.question_number,
        spares.case_id,
        spares.origin_number,
        cast(spares.spare_g - coalesce(spent.given_g, 0) as bigint) as spare_g
    from spares_{{ round - 1 }} as spares
    left join spent_{{ round }} as spent
        on {{ same_key('spares', 'spent', ['question_number', 'case_id', 'origin_number']) }}

),
{%- endfor %}

spare_given as (
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
from spare_given
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
