{#-
    Each band against the figures of its source's newest edition. One row per band and year; a band
    that meets no figure keeps one row that says so, since silence would pass for agreement. Older
    editions are left alone: many bands are made from them.
-#}
with

bands as (select * from {{ ref('production_share_band') }}),

production_shares as (

    select
        *,
        {{ edition_age(['source_id']) }} as edition_age
    from {{ ref('int_production__shares') }}
    where statistic = 'production' and is_current_edition

),

figures as (

    select * from production_shares
    where edition_age = 1

),

figures_in_bands as (

    select
        bands.band_id,
        bands.mineral_id,
        bands.stage,
        bands.form,
        bands.country_iso3,
        bands.source_id,
        figures.edition,
        figures.reference_year,
        figures.production_share,
        bands.expected_low,
        bands.expected_high,
        bands.plausible_low,
        bands.plausible_high,
        bands.band_kind,
        bands.reason
    from bands
    left join figures
        on
            {{ same_key('bands', 'figures', [
                'mineral_id', 'stage', 'form', 'basis', 'country_iso3', 'source_id',
            ]) }}

)

select
    *,
    case
        when production_share < expected_low then production_share - expected_low
        when production_share > expected_high then production_share - expected_high
        when production_share is not null then 0
    end as distance_from_expected,
    least(production_share - expected_low, expected_high - production_share)
        as margin_in_expected,
    case
        when production_share is null then 'no_figure'
        when production_share between expected_low and expected_high then 'expected'
        when
            production_share between plausible_low and plausible_high
            or band_kind = 'from_memory'
            then 'outside_expected'
        else 'outside_plausible'
    end as verdict
from figures_in_bands
