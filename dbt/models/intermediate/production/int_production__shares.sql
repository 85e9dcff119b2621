{#-
    Shares of every source, computed from tonnes or published as such, with rank and order. One row per
    source, edition, statistic, series, year and named country. A source that gives no tonnes is ranked
    by its shares. A row of several countries together is left out: it is never ranked, never squared.
-#}
with

computed as (

    select * from {{ ref('int_production__computed_shares') }}

),

published as (

    select * from {{ ref('int_production__published_shares') }}

),

unioned as (

    select
        source_id,
        edition,
        released_on,
        statistic,
        source_row_id,
        mineral_id,
        stage,
        form,
        basis,
        geography_kind,
        geography_id,
        country_iso3,
        reference_year,
        quantity_tonnes,
        value_status,
        is_estimated,
        derivation,
        world_total_tonnes,
        world_total_status,
        named_total_tonnes,
        coverage_share,
        estimated_share,
        excluded_producers,
        exclusion_status,
        withheld_producer_count,
        is_current_edition,
        is_edition_break,
        is_suspected_double_count,
        production_share,
        share_of_parts
    from computed
    union all
    select
        source_id,
        edition,
        released_on,
        statistic,
        source_row_id,
        mineral_id,
        stage,
        form,
        basis,
        geography_kind,
        geography_id,
        country_iso3,
        reference_year,
        quantity_tonnes,
        value_status,
        is_estimated,
        derivation,
        world_total_tonnes,
        world_total_status,
        named_total_tonnes,
        coverage_share,
        estimated_share,
        excluded_producers,
        exclusion_status,
        withheld_producer_count,
        is_current_edition,
        is_edition_break,
        is_suspected_double_count,
        production_share,
        share_of_parts
    from published

),

measured as (

    select
        *,
        coalesce(quantity_tonnes, production_share) as size_of_producer
    from unioned
    where geography_kind = 'country'

)

select
    *,
    case
        when size_of_producer is not null then
            rank() over (
                partition by
                    source_id, edition, statistic, mineral_id, stage, form, basis, reference_year
                order by size_of_producer desc nulls last
            )
    end as producer_rank,
    row_number() over (
        partition by
            source_id, edition, statistic, mineral_id, stage, form, basis, reference_year
        order by size_of_producer desc nulls last, geography_id asc
    ) as producer_order
from measured
