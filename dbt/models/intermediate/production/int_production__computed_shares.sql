{#-
    The one home of a share of a world total (production, capacity, reserves). One row per source, edition,
    statistic, series, year and named country;
    the denominator is the publisher's world total as printed (docs/methods/production_share.md).
-#}
with

production as (

    select * from {{ ref('int_production__figures') }}

),

totalled as (

    select * from {{ ref('int_production__world_totals') }}

),

chosen as (

    select * from {{ ref('int_production__current_editions') }}

),

named as (

    select
        production.source_id,
        production.edition,
        production.released_on,
        production.statistic,
        production.source_row_id,
        production.mineral_id,
        production.stage,
        production.form,
        production.basis,
        production.geography_kind,
        production.geography_id,
        production.country_iso3,
        production.reference_year,
        production.quantity_tonnes,
        production.value_status,
        production.is_estimated,
        production.derivation,
        totalled.world_total_tonnes,
        totalled.world_total_status,
        totalled.named_total_tonnes,
        totalled.coverage_share,
        totalled.estimated_share,
        totalled.excluded_producers,
        totalled.exclusion_status,
        totalled.withheld_producer_count,
        chosen.edition is not null as is_current_edition,
        coalesce(chosen.is_edition_break, false) as is_edition_break,
        -- Parts exceed an unrounded total by exactly this row: it seems to be counted twice
        -- (IEA: the sixth country of a block is in "Rest of world" again).
        coalesce(
            abs(
                totalled.named_total_tonnes + coalesce(totalled.rest_tonnes, 0)
                - totalled.world_total_tonnes - production.quantity_tonnes
            ) <= 0.000001 * totalled.world_total_tonnes
            and production.quantity_tonnes > 0
            and totalled.is_total_unrounded,
            false
        ) as is_suspected_double_count,
        production.quantity_tonnes / nullif(totalled.world_total_tonnes, 0)
            as production_share,
        production.quantity_tonnes
        / nullif(
            greatest(
                totalled.world_total_tonnes,
                totalled.named_total_tonnes + coalesce(totalled.rest_tonnes, 0)
            ),
            0
        )
            as share_of_parts
    from production
    inner join totalled
        on
            production.source_id = totalled.source_id
            and production.edition = totalled.edition
            and production.statistic = totalled.statistic
            and production.mineral_id = totalled.mineral_id
            and production.stage = totalled.stage
            and production.form = totalled.form
            and production.basis = totalled.basis
            and production.reference_year = totalled.reference_year
    left join chosen
        on
            production.source_id = chosen.source_id
            and production.edition = chosen.edition
            and production.statistic = chosen.statistic
            and production.mineral_id = chosen.mineral_id
            and production.stage = chosen.stage
            and production.form = chosen.form
            and production.basis = chosen.basis
            and production.reference_year = chosen.reference_year
    where production.geography_kind in ('country', 'group')

)

select * from named
