{#-
    World total of a series and year in each edition, its named part, and the one choice of the edition per source,
    series and year: the latest that carries a world total, or names at least as many countries as the edition
    before it, less a tolerance. One stray row of a new edition must not win a year.
-#}
{%- set series = 'source_id, statistic, mineral_id, stage, form, basis' -%}
with

production as (

    select * from {{ ref('int_production__figures') }}

),

series_totals as (

    select
        source_id,
        edition,
        released_on,
        statistic,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        max(case when geography_kind = 'world' then quantity_tonnes end)
            as world_total_tonnes,
        -- In the publisher's unit: of a gas's volume the tonnes have other digits.
        max(
            case
                when geography_kind = 'world' and quantity_tonnes is not null
                    then
                        coalesce(
                            try_cast(translate(published_value, ',', '') as double),
                            quantity_tonnes
                        )
            end
        ) as printed_total,
        max(case when geography_kind = 'world' then quantity_tonnes_lower end)
            as world_total_tonnes_lower,
        max(case when geography_kind = 'world' then quantity_tonnes_upper end)
            as world_total_tonnes_upper,
        max(case when geography_kind = 'world' then value_status end)
            as world_total_status,
        max(case when geography_kind = 'world' then excluded_producers end)
            as excluded_producers,
        {{ exact_sum("case when geography_kind in ('country', 'group') then quantity_tonnes end") }}
            as named_total_tonnes,
        {{ exact_sum("case when geography_kind = 'rest' then quantity_tonnes end") }}
            as rest_tonnes,
        {{ exact_sum(
            "case when is_estimated is not null and geography_kind in ('country', 'group') "
            "and quantity_tonnes is not null then case when is_estimated then quantity_tonnes else 0 end end"
        ) }} as estimated_total_tonnes,
        -- Half a unit of the second significant digit, the coarsest that publishers print.
        {{ exact_sum(
            "case when geography_kind <> 'world' and quantity_tonnes > 0 "
            "then 0.5 * power(10, floor(log10(quantity_tonnes)) - 1) end"
        ) }} as parts_rounding_tonnes,
        cast(count(case when geography_kind = 'country' then 1 end) as integer)
            as named_country_count,
        cast(
            count(
                case when geography_kind = 'country' and value_status = 'withheld' then 1 end
            ) as integer
        )
            as withheld_producer_count
    from production
    group by
        source_id, edition, released_on, statistic, mineral_id, stage, form, basis, reference_year

),

-- An edition that names nobody left out of any total can't be told from one without such notes.
with_notes as (

    select
        *,
        named_total_tonnes + coalesce(rest_tonnes, 0) as parts_tonnes,
        parts_rounding_tonnes + 0.5 * power(10, floor(log10(nullif(world_total_tonnes, 0))) - 1)
            as rounding_tonnes,
        max(excluded_producers) over (partition by source_id, edition) is not null
            as has_exclusion_notes
    from series_totals

),

with_acceptance as (

    select
        *,
        world_total_tonnes is not null
        or coalesce(
            named_country_count
            >= lead(named_country_count) over (
                partition by {{ series }}, reference_year
                order by {{ newest_first() }}
            ) - {{ threshold('edition_tolerance_countries') }},
            true
        ) as is_acceptable
    from with_notes

),

with_current_edition as (

    select
        *,
        {{ edition_age([series, 'reference_year'], first='is_acceptable desc') }} = 1
            as is_current_edition
    from with_acceptance

)

select
    *,
    -- The year before has its figures from another edition.
    coalesce(
        is_current_edition
        and edition <> lag(edition) over (
            partition by {{ series }}, is_current_edition
            order by reference_year
        ),
        false
    ) as is_edition_break,
    case
        when excluded_producers is not null then 'named'
        when not has_exclusion_notes then 'no_notes'
        when withheld_producer_count > 0 then 'withheld_not_told'
        else 'none_named'
    end as exclusion_status,
    named_total_tonnes / nullif(world_total_tonnes, 0) as coverage_share,
    estimated_total_tonnes / nullif(named_total_tonnes, 0) as estimated_share,
    -- By more than rounding: half a unit of the total's second digit and of each part's.
    coalesce(world_total_tonnes < parts_tonnes - rounding_tonnes, false) as is_total_below_parts,
    -- More than three significant digits: nobody rounds a total to that.
    coalesce(
        abs(
            printed_total / power(10, floor(log10(nullif(printed_total, 0))) - 2)
            - round(printed_total / power(10, floor(log10(nullif(printed_total, 0))) - 2))
        ) > 0.000001,
        false
    ) as is_total_unrounded
from with_current_edition
