{#-
    What each producer could deliver beside what it delivers, in a year and in time, grams: capacity less
    production of the first publisher that prints both for the stage and year (`measured`), else a seeded part of
    what it makes (`assumed`). What a publisher bounds counts at its lower end (`bounded`). Who has no capacity of
    its own where "rest" has one is somewhere in it (`in_rest`): nothing for certain, and the spare of "rest", once
    for all who are in it, at most. By origin of ore the producers are the miners, with their own idle shafts.
-#}
{%- set key = ['mineral_id', 'stage', 'reference_year', 'origin_view'] %}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where role = 'traded' and bloc_number = 0 and series_level = 'mineral_stage'

),

cells as (

    select * from {{ ref('look_through_cell') }}

),

supplies as (

    select * from {{ ref('int_look_through__node_balances') }}
    where production_g > 0 and not is_withheld

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

capacities as (

    select * from {{ ref('int_production__spare_capacities') }}
    where
        is_first_publisher
        and spare_status <> 'none'
        and geography_kind in ('country', 'rest')

),

rules as (

    select
        max(case when spare_kind = 'measured' then ramp end) as measured_ramp,
        max(case when spare_kind = 'assumed' then spare_share * ramp end) as assumed_share
    from {{ ref('disruption_spare') }}

),

asked as (

    select
        graphs.mineral_id,
        graphs.stage,
        graphs.reference_year,
        graphs.graph_number,
        graphs.feed_graph_number,
        cells.production_form,
        cells.production_basis,
        cells.feed_form,
        cells.feed_basis,
        views.origin_view,
        views.origin_view = 'mine_origin' and graphs.stage <> 'mine' as is_of_feed
    from graphs
    inner join cells
        on
            graphs.mineral_id = cells.mineral_id
            and graphs.stage = cells.stage
            and graphs.reference_year = cells.reference_year
    cross join
        (values ('declared_origin'), ('refiner_origin'), ('mine_origin')) as views (origin_view)
    where graphs.stage <> 'mine' or views.origin_view <> 'refiner_origin'

),

questions as (

    select
        mineral_id,
        stage,
        reference_year,
        origin_view,
        case when is_of_feed then feed_graph_number else graph_number end as graph_number,
        case when is_of_feed then 'mine' else stage end as made_stage,
        case when is_of_feed then feed_form else production_form end as made_form,
        case when is_of_feed then feed_basis else production_basis end as made_basis
    from asked

),

measured as (

    select
        {%- for column in key %}
        questions.{{ column }},
        {%- endfor %}
        capacities.country_iso3,
        capacities.geography_kind,
        capacities.capacity_tonnes,
        capacities.production_tonnes,
        capacities.spare_status,
        capacities.spare_tonnes_lower,
        capacities.spare_tonnes_upper,
        capacities.source_id,
        capacities.capacity_edition,
        capacities.production_edition
    from questions
    inner join capacities
        on
            questions.mineral_id = capacities.mineral_id
            and questions.made_stage = capacities.stage
            and questions.made_form = capacities.form
            and questions.made_basis = capacities.basis
            and questions.reference_year = capacities.reference_year

),

rests as (

    select * from measured
    where geography_kind = 'rest'

),

judged as (

    select
        {%- for column in key %}
        questions.{{ column }},
        {%- endfor %}
        cast(supplies.party_number as integer) as party_number,
        parties.party_id as country_iso3,
        supplies.production_g,
        measured.capacity_tonnes,
        measured.production_tonnes,
        case
            when measured.capacity_tonnes is not null then measured.spare_status
            when rests.mineral_id is not null then 'in_rest'
            else 'assumed'
        end as spare_basis,
        measured.spare_tonnes_lower,
        coalesce(measured.spare_tonnes_upper, rests.spare_tonnes_upper) as spare_tonnes_upper,
        coalesce(measured.source_id, rests.source_id) as source_id,
        coalesce(measured.capacity_edition, rests.capacity_edition) as capacity_edition,
        coalesce(measured.production_edition, rests.production_edition) as production_edition
    from questions
    inner join supplies on questions.graph_number = supplies.graph_number
    inner join parties on supplies.party_number = parties.party_number
    left join measured
        on
            parties.party_id = measured.country_iso3
            {%- for column in key %}
            and questions.{{ column }} = measured.{{ column }}
            {%- endfor %}
    left join rests
        on
            questions.mineral_id = rests.mineral_id
            {%- for column in key[1:] %}
            and questions.{{ column }} = rests.{{ column }}
            {%- endfor %}
    union all by name
    select
        *,
        'rest' as spare_basis
    from rests

)

select
    {%- for column in key %}
    judged.{{ column }},
    {%- endfor %}
    judged.party_number,
    judged.country_iso3,
    judged.spare_basis,
    judged.capacity_tonnes,
    case
        when judged.spare_basis = 'assumed' then judged.production_g / 1000000
        else judged.production_tonnes
    end as production_tonnes,
    case judged.spare_basis
        when 'assumed' then judged.production_g * rules.assumed_share
        when 'in_rest' then 0
        else judged.spare_tonnes_lower * 1000000 * rules.measured_ramp
    end as spare_g,
    case judged.spare_basis
        when 'assumed' then judged.production_g * rules.assumed_share
        else judged.spare_tonnes_upper * 1000000 * rules.measured_ramp
    end as spare_high_g,
    judged.source_id,
    judged.capacity_edition,
    judged.production_edition
from judged
cross join rules
