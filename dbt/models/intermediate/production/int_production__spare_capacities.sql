{#-
    What could be made beside what is made: capacity less production of one publisher, series and year, each from the
    edition that is current for it. One row per series, year and place with either figure, where a capacity is printed.
    `measured`: both are printed, or the capacity is a printed 0. `bounded`: one stands in "rest", or has no number: the range that the printed ones leave.
    `rest` has the spare of all that have no capacity of their own; it is each one's upper bound and nobody's point.
    `world` is a difference of rounded totals; it is none where the total is smaller than its parts.
    `spare_basis`: how a place counts in a sum (`spare_at_most`): by its own figures, `in_rest`, as `rest`, or unknown.
    `is_first_publisher`: of publishers with the spare of somebody in the same series and year the first by
    `source_priority`: who asks for one spare a place asks that one, since spares of two do not add up.
    `is_first_series`: of its series of the stage and year the first by form and basis.
-#}
{%- set key = ['source_id', 'mineral_id', 'stage', 'form', 'basis', 'reference_year'] %}
with

totals as (

    select * from {{ ref('int_production__world_totals') }}
    where is_current_edition and statistic in ('capacity', 'production')

),

figures as (

    select
        figures.*,
        totals.is_total_below_parts as is_below_parts
    from {{ ref('int_production__figures') }} as figures
    inner join totals
        on
            figures.statistic = totals.statistic
            and figures.edition = totals.edition
            {%- for column in key %}
            and figures.{{ column }} = totals.{{ column }}
            {%- endfor %}
    where figures.geography_kind in ('country', 'rest', 'world')

),

capacities as (

    select * from figures
    where statistic = 'capacity'

),

-- Of the series and years in which somebody has a capacity.
productions as (

    select figures.*
    from figures
    semi join capacities
        on
            figures.source_id = capacities.source_id
            {%- for column in key[1:] %}
            and figures.{{ column }} = capacities.{{ column }}
            {%- endfor %}
    where figures.statistic = 'production'

),

capacity_pairs as (

    select
        {%- for column in key + ['geography_kind', 'geography_id', 'country_iso3'] %}
        coalesce(capacities.{{ column }}, productions.{{ column }}) as {{ column }},
        {%- endfor %}
        capacities.edition as capacity_edition,
        capacities.source_row_id as capacity_source_row_id,
        capacities.quantity_tonnes as capacity_tonnes,
        capacities.value_status as capacity_status,
        productions.edition as production_edition,
        productions.source_row_id as production_source_row_id,
        productions.quantity_tonnes as production_tonnes,
        coalesce(productions.quantity_tonnes, productions.quantity_tonnes_lower, 0)
            as production_low,
        coalesce(productions.quantity_tonnes, productions.quantity_tonnes_upper)
            as production_high,
        productions.value_status as production_status,
        coalesce(capacities.excluded_producers, productions.excluded_producers)
            as excluded_producers,
        capacities.is_estimated or productions.is_estimated as is_estimated,
        coalesce(capacities.is_below_parts, false) or coalesce(productions.is_below_parts, false)
            as is_below_parts
    from capacities
    full join productions
        on
            capacities.geography_kind = productions.geography_kind
            and capacities.geography_id = productions.geography_id
            {%- for column in key %}
            and capacities.{{ column }} = productions.{{ column }}
            {%- endfor %}

),

-- What the two "rests" hold: countries with one figure of their own stand with the other in "rest".
rests as (

    select
        {%- for column in key %}
        {{ column }},
        {%- endfor %}
        max(case when geography_kind = 'rest' then capacity_tonnes end) as rest_capacity_tonnes,
        max(case when geography_kind = 'rest' then production_tonnes end)
            as rest_production_tonnes,
        {{ exact_sum(
            "case when geography_kind = 'country' and capacity_status is null "
            "then production_low else 0 end"
        ) }} as production_without_capacity_tonnes,
        {{ exact_sum(
            "case when geography_kind = 'country' and production_status is null "
            "then capacity_tonnes else 0 end"
        ) }} as capacity_without_production_tonnes,
        bool_or(
            geography_kind = 'country' and capacity_status is null and production_high is null
        ) as has_unknown_production,
        bool_or(
            geography_kind = 'country' and production_status is null and capacity_tonnes is null
        ) as has_unknown_capacity,
        bool_or(geography_kind = 'rest' and production_status is not null)
            as has_rest_of_production,
        bool_or(production_status is not null) as has_production
    from capacity_pairs
    group by {{ key | join(', ') }}

),

-- A null in `greatest` is passed over: what is not known is asked first.
rest_spares as (

    select
        *,
        case
            when rest_capacity_tonnes is null then null
            when has_unknown_production or rest_production_tonnes is null then 0
            else
                greatest(
                    rest_capacity_tonnes
                    - production_without_capacity_tonnes
                    - rest_production_tonnes,
                    0
                )
        end as rest_spare_lower,
        -- Who has a capacity and no production of its own made a part of what "rest" made.
        case
            when rest_capacity_tonnes is null then null
            else
                greatest(
                    rest_capacity_tonnes
                    - production_without_capacity_tonnes
                    - case
                        when has_unknown_capacity or rest_production_tonnes is null then 0
                        else
                            greatest(
                                rest_production_tonnes - capacity_without_production_tonnes, 0
                            )
                    end,
                    0
                )
        end as rest_spare_upper
    from rests

),

priorities as (

    select * from {{ ref('source_priority') }}
    where statistic = 'capacity'

),

spare_bounds as (

    select
        capacity_pairs.*,
        priorities.priority,
        rest_spares.has_rest_of_production,
        rest_spares.has_production,
        case
            -- Who has no plant has nothing to spare, whatever is known of what is made.
            when
                capacity_pairs.geography_kind = 'country' and capacity_pairs.capacity_tonnes = 0
                then 0
            when not rest_spares.has_production then null
            when capacity_pairs.geography_kind = 'rest' then rest_spares.rest_spare_upper
            when
                capacity_pairs.geography_kind = 'country' and capacity_pairs.capacity_status is null
                then rest_spares.rest_spare_upper
            when capacity_pairs.capacity_tonnes is null then null
            when capacity_pairs.geography_kind = 'world' and capacity_pairs.is_below_parts then null
            when
                capacity_pairs.geography_kind = 'world' and capacity_pairs.production_tonnes is null
                then null
            else greatest(capacity_pairs.capacity_tonnes - capacity_pairs.production_low, 0)
        end as spare_high,
        case
            when capacity_pairs.geography_kind = 'rest' then rest_spares.rest_spare_lower
            when capacity_pairs.capacity_tonnes is null then 0
            when
                capacity_pairs.geography_kind = 'world'
                and capacity_pairs.excluded_producers is not null
                then 0
            when
                capacity_pairs.production_status is null
                and rest_spares.rest_production_tonnes is not null
                then
                    greatest(capacity_pairs.capacity_tonnes - rest_spares.rest_production_tonnes, 0)
            when capacity_pairs.production_high is not null
                then greatest(capacity_pairs.capacity_tonnes - capacity_pairs.production_high, 0)
            else 0
        end as spare_low
    from capacity_pairs
    inner join rest_spares
        on
            capacity_pairs.source_id = rest_spares.source_id
            {%- for column in key[1:] %}
            and capacity_pairs.{{ column }} = rest_spares.{{ column }}
            {%- endfor %}
    left join priorities on capacity_pairs.source_id = priorities.source_id

),

with_status as (

    select
        *,
        case
            when spare_high is null then 'none'
            when geography_kind = 'country' and capacity_tonnes = 0 then 'measured'
            when geography_kind = 'rest' and spare_low < spare_high then 'bounded'
            when geography_kind = 'rest' then 'measured'
            when capacity_tonnes is null or production_tonnes is null then 'bounded'
            when geography_kind = 'world' and excluded_producers is not null then 'bounded'
            else 'measured'
        end as spare_status
    from spare_bounds

),

-- To the gram: a difference of doubles has more digits than what was printed.
with_first_publisher as (

    select
        *,
        coalesce(
            priority
            = min(
                case
                    when has_production and geography_kind <> 'world' and spare_status <> 'none'
                        then priority
                end
            )
                over (partition by mineral_id, stage, form, basis, reference_year),
            false
        ) as is_first_publisher,
        round(case when spare_status = 'measured' then spare_high end, 6) as spare_tonnes,
        round(case when spare_status <> 'none' then spare_low end, 6) as spare_tonnes_lower,
        round(spare_high, 6) as spare_tonnes_upper,
        coalesce(
            geography_kind <> 'rest' and production_tonnes > capacity_tonnes, false
        ) as is_above_capacity,
        case
            when spare_status = 'measured' then null
            when geography_kind = 'rest' and spare_status = 'bounded' then 'rest_has_a_range'
            when geography_kind = 'country' and capacity_status is null and spare_status = 'bounded'
                then 'capacity_in_rest'
            when capacity_tonnes is null
                then 'capacity_' || coalesce(capacity_status, 'not_listed')
            when geography_kind = 'world' and is_below_parts then 'total_below_its_parts'
            when production_tonnes is null and production_status is not null
                then 'production_' || production_status
            when geography_kind = 'country' and has_rest_of_production then 'production_in_rest'
            when production_tonnes is null then 'production_not_listed'
            else 'total_leaves_producers_out'
        end as null_reason
    from with_status

)

select
    *,
    case
        when spare_status = 'none' then 'unknown'
        when geography_kind = 'rest' then 'rest'
        when null_reason = 'capacity_in_rest' then 'in_rest'
        else spare_status
    end as spare_basis,
    is_first_publisher
    and form || ' ' || basis
    = min(case when is_first_publisher then form || ' ' || basis end)
        over (partition by mineral_id, stage, reference_year)
        as is_first_series
from with_first_publisher
