{#-
    What a headline says of the world, whoever buys. One row per mineral and stage. Output: of the first source that
    has a leader. Prices: each yearly price of the newest year against the same price a year before, the smallest and
    the largest change. Spare capacity: the newest year of the publisher that is asked first; a plant whose spare is not known adds
    nothing to `spare_tonnes_known_lower` and is counted.
-#}
with

minerals as (

    select
        minerals.mineral_id,
        stages.stage
    from {{ ref('stg_reference__minerals') }} as minerals
    cross join {{ ref('stg_reference__stages') }} as stages

),

leaders as (

    select * from {{ ref('int_concentration__producer_hhi') }}
    where is_first_choice

),

prices as (

    select
        mineral_id,
        source_id,
        price_label,
        price_basis,
        reference_year,
        value_usd_per_tonne,
        max(reference_year) over (partition by mineral_id) as newest_year
    from {{ ref('fct_price') }}
    where period_kind = 'year' and is_current_edition and value_usd_per_tonne > 0

),

price_changes as (

    select
        prices.mineral_id,
        max(prices.reference_year) as price_year,
        min(prices.value_usd_per_tonne / year_before.value_usd_per_tonne - 1) as price_change_low,
        max(prices.value_usd_per_tonne / year_before.value_usd_per_tonne - 1) as price_change_high
    from prices
    inner join prices as year_before
        on
            prices.mineral_id = year_before.mineral_id
            and prices.source_id = year_before.source_id
            and prices.price_label = year_before.price_label
            and prices.price_basis = year_before.price_basis
            and prices.reference_year - 1 = year_before.reference_year
    where prices.reference_year = prices.newest_year
    group by prices.mineral_id

),

spare_series as (

    select
        spares.mineral_id,
        spares.stage,
        spares.form,
        spares.basis,
        spares.source_id,
        spares.reference_year,
        sum(spares.spare_tonnes_lower) as spare_tonnes_known_lower,
        sum(spares.spare_tonnes_upper) as spare_tonnes_known_upper,
        count(*) - count(spares.spare_tonnes_upper) as spare_unknown_count,
        row_number() over (
            partition by spares.mineral_id, spares.stage
            order by spares.reference_year desc, spares.form asc, spares.basis asc
        ) as place
    from {{ ref('int_production__spare_capacities') }} as spares
    where spares.is_first_publisher and spares.geography_kind in ('country', 'rest')
    group by
        spares.mineral_id, spares.stage, spares.form, spares.basis, spares.source_id,
        spares.reference_year

)

select
    minerals.mineral_id,
    minerals.stage,
    leaders.form as production_form,
    leaders.basis as production_basis,
    leaders.reference_year as production_year,
    leaders.source_id as production_source_id,
    leaders.edition as production_edition,
    leaders.leader_country_iso3 as production_leader_iso3,
    leaders.leader_share as production_leader_share,
    leaders.china_share as china_production_share,
    price_changes.price_year,
    price_changes.price_change_low,
    price_changes.price_change_high,
    spare_series.form as spare_form,
    spare_series.basis as spare_basis,
    spare_series.source_id as spare_source_id,
    spare_series.reference_year as spare_capacity_year,
    spare_series.spare_tonnes_known_lower,
    spare_series.spare_tonnes_known_upper,
    spare_series.spare_unknown_count
from minerals
left join leaders
    on minerals.mineral_id = leaders.mineral_id and minerals.stage = leaders.stage
left join price_changes on minerals.mineral_id = price_changes.mineral_id
left join spare_series
    on
        minerals.mineral_id = spare_series.mineral_id
        and minerals.stage = spare_series.stage
        and spare_series.place = 1
