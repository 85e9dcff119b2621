{#-
    What each producer could deliver beside what it delivers, in a year and in time, grams: capacity less
    production of the first publisher that prints both for the stage and year (`measured`), also where nothing is
    made, else a part of what it makes that a seed sets (`assumed`). A spare between bounds counts at its lower bound
    (`bounded`). A producer without a capacity of its own, where one is printed for "rest", is part of "rest"
    (`in_rest`): its spare is at least 0, and all such producers together have at most the spare of "rest". The spare
    is `unknown`, with the reason, where output is withheld or the capacity is no figure. By origin of ore the
    producers are the miners, with the unused capacity of their mines. Where the stage has no look-through: measured
    spares alone, by declared partner.
-#}
{%- set key = ['mineral_id', 'stage', 'reference_year', 'origin_view'] %}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where role = 'traded' and bloc_number = 0 and series_level = 'mineral_stage'

),

{{ look_through_cells() }},

supplies as (

    select
        *,
        production_g > 0 and not is_withheld as has_output
    from {{ ref('int_look_through__node_balances') }}
    where production_g > 0 or is_withheld

),

parties as (select * from {{ ref('int_trade__parties') }}),

capacities as (

    select * from {{ ref('int_production__spare_capacities') }}
    where is_first_publisher and geography_kind in ('country', 'rest')

),

rules as (

    select
        max(case when spare_kind = 'measured' then ramp end) as measured_ramp,
        max(case when spare_kind = 'assumed' then spare_share * ramp end) as assumed_share
    from {{ ref('disruption_spare') }}

),

graph_cells as (

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
        on {{ same_key('graphs', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    cross join
        (values ('declared_origin'), ('refiner_origin'), ('mine_origin')) as views (origin_view)
    where graphs.stage <> 'mine' or views.origin_view <> 'refiner_origin'

),

years as (

    select distinct reference_year from cells

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
    from graph_cells
    union all
    select distinct
        capacities.mineral_id,
        capacities.stage,
        capacities.reference_year,
        'declared_origin' as origin_view,
        cast(null as integer) as graph_number,
        capacities.stage as made_stage,
        capacities.form as made_form,
        capacities.basis as made_basis
    from capacities
    inner join years on capacities.reference_year = years.reference_year
    left join graphs
        on {{ same_key('capacities', 'graphs', ['mineral_id', 'stage', 'reference_year']) }}
    where capacities.is_first_series and graphs.mineral_id is null

),

measured_spares as (

    select
        {%- for column in key %}
        questions.{{ column }},
        {%- endfor %}
        capacities.country_iso3,
        capacities.geography_kind,
        capacities.capacity_tonnes,
        capacities.production_tonnes,
        capacities.production_status,
        capacities.spare_basis,
        capacities.spare_tonnes_lower,
        capacities.spare_tonnes_upper,
        capacities.null_reason,
        capacities.source_id,
        capacities.capacity_edition,
        capacities.production_edition,
        capacities.is_estimated
    from questions
    inner join capacities
        on
            questions.mineral_id = capacities.mineral_id
            and questions.made_stage = capacities.stage
            and questions.made_form = capacities.form
            and questions.made_basis = capacities.basis
            and questions.reference_year = capacities.reference_year

),

measured_countries as (

    select * from measured_spares
    where geography_kind = 'country'

),

rests as (

    select * from measured_spares
    where spare_basis = 'rest'

),

makers as (

    select
        {%- for column in key %}
        questions.{{ column }},
        {%- endfor %}
        parties.party_id as country_iso3,
        supplies.has_output,
        supplies.production_g
    from questions
    inner join supplies on questions.graph_number = supplies.graph_number
    inner join parties on supplies.party_number = parties.party_number

),

-- Who makes, who withholds what it makes, and who has a capacity that stands idle.
producers as (

    select
        {%- for column in key + ['country_iso3'] %}
        coalesce(makers.{{ column }}, measured_countries.{{ column }}) as {{ column }},
        {%- endfor %}
        coalesce(makers.has_output, false) as has_output,
        makers.production_g,
        measured_countries.capacity_tonnes,
        measured_countries.production_tonnes,
        measured_countries.production_status,
        measured_countries.spare_basis,
        measured_countries.spare_tonnes_lower,
        measured_countries.spare_tonnes_upper,
        coalesce(measured_countries.null_reason, 'own_production_withheld') as null_reason,
        measured_countries.source_id,
        measured_countries.capacity_edition,
        measured_countries.production_edition,
        measured_countries.is_estimated
    from makers
    full outer join measured_countries
        on
            makers.country_iso3 = measured_countries.country_iso3
            {%- for column in key %}
            and makers.{{ column }} = measured_countries.{{ column }}
            {%- endfor %}

),

by_country as (

    select
        {%- for column in key + ['country_iso3', 'production_g', 'null_reason'] %}
        producers.{{ column }},
        {%- endfor %}
        cast(parties.party_number as integer) as party_number,
        producers.capacity_tonnes,
        producers.production_tonnes,
        producers.production_status,
        case
            when producers.spare_basis <> 'unknown' then producers.spare_basis
            when producers.spare_basis = 'unknown' and not producers.has_output then 'unknown'
            when rests.mineral_id is not null then 'in_rest'
            when producers.has_output then 'assumed'
            else 'unknown'
        end as spare_basis,
        producers.spare_tonnes_lower,
        coalesce(producers.spare_tonnes_upper, rests.spare_tonnes_upper) as spare_tonnes_upper,
        {%- for column in ['source_id', 'capacity_edition', 'production_edition', 'is_estimated'] %}
        coalesce(producers.{{ column }}, rests.{{ column }}) as {{ column }}
        {%- if not loop.last %},{% endif %}
        {%- endfor %}
    from producers
    inner join parties on producers.country_iso3 = parties.party_id
    left join rests
        on
            {{ same_key('producers', 'rests', key) }}
    union all by name
    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        capacity_tonnes,
        production_tonnes,
        production_status,
        spare_basis,
        spare_tonnes_lower,
        spare_tonnes_upper,
        source_id,
        capacity_edition,
        production_edition,
        is_estimated
    from rests

)

select
    {%- for column in key %}
    by_country.{{ column }},
    {%- endfor %}
    by_country.party_number,
    by_country.country_iso3,
    by_country.spare_basis,
    case
        when by_country.spare_basis <> 'assumed' then by_country.capacity_tonnes
    end as capacity_tonnes,
    case
        when by_country.spare_basis = 'assumed' then by_country.production_g / 1000000
        else by_country.production_tonnes
    end as production_tonnes,
    case when by_country.spare_basis <> 'assumed' then by_country.production_status end
        as production_status,
    case by_country.spare_basis
        when 'assumed' then by_country.production_g * rules.assumed_share
        when 'in_rest' then 0
        when 'unknown' then null
        else by_country.spare_tonnes_lower * 1000000 * rules.measured_ramp
    end as spare_g,
    case by_country.spare_basis
        when 'assumed' then by_country.production_g * rules.assumed_share
        when 'unknown' then null
        else by_country.spare_tonnes_upper * 1000000 * rules.measured_ramp
    end as spare_high_g,
    case when by_country.spare_basis = 'unknown' then by_country.null_reason end as null_reason,
    case when by_country.spare_basis not in ('assumed', 'unknown') then by_country.source_id end
        as source_id,
    case when by_country.spare_basis not in ('assumed', 'unknown') then by_country.is_estimated end
        as is_estimated,
    case
        when by_country.spare_basis not in ('assumed', 'unknown') then by_country.capacity_edition
    end
        as capacity_edition,
    case
        when by_country.spare_basis not in ('assumed', 'unknown') then by_country.production_edition
    end
        as production_edition
from by_country
cross join rules
