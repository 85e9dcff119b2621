{#-
    The one place that chooses the edition per source, series and year: the latest that carries a world
    total, or names at least as many countries as the edition before it, less a tolerance. One stray row
    of a new edition must not win a year.
-#}
with

totalled as (

    select * from {{ ref('int_production__world_totals') }}

),

candidates as (

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
        named_country_count,
        world_total_tonnes is not null as has_world_total,
        lead(named_country_count) over (
            partition by source_id, statistic, mineral_id, stage, form, basis, reference_year
            order by {{ newest_first() }}
        ) as previous_named_country_count
    from totalled

),

judged as (

    select
        *,
        has_world_total
        or previous_named_country_count is null
        or named_country_count
        >= previous_named_country_count - {{ threshold('edition_tolerance_countries') }}
            as is_acceptable
    from candidates

),

ranked as (

    select
        *,
        {{ edition_age(
            ['source_id', 'statistic', 'mineral_id', 'stage', 'form', 'basis', 'reference_year'],
            first='is_acceptable desc'
        ) }} as edition_age
    from judged

),

chosen as (

    select
        source_id,
        statistic,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        edition,
        released_on,
        has_world_total,
        named_country_count,
        lag(edition) over (
            partition by source_id, statistic, mineral_id, stage, form, basis
            order by reference_year
        ) as edition_of_previous_year
    from ranked
    where edition_age = 1

)

select
    *,
    coalesce(edition <> edition_of_previous_year, false) as is_edition_break
from chosen
