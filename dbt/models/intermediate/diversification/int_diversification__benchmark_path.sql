{#-
    The path that others are measured by: one importer's share from one origin in every year since its base,
    against the mean of the base years. One row per measure and year after the base.
-#}
with

yardstick as (

    select
        yardstick.*,
        bases.first_year,
        bases.last_year
    from {{ ref('diversification_yardstick') }} as yardstick
    inner join {{ ref('diversification_base') }} as bases on yardstick.base_id = bases.base_id

),

series as (

    select * from {{ ref('int_trade__series_attributes') }}
    where series_level = 'mineral_stage'

),

windows as (

    select * from {{ ref('int_diversification__comparison_windows') }}

),

parties as (

    select * from {{ ref('int_trade__parties') }}

),

totals as (

    select * from {{ ref('int_trade__importer_totals') }}
    where value_usd > 0

),

imports as (

    select * from {{ ref('int_trade__imports_by_origin') }}
    where not is_inside and not is_code_drift

),

by_year as (

    select
        totals.reference_year,
        yardstick.first_year,
        yardstick.last_year,
        coalesce(imports.value_usd, 0) / totals.value_usd as value_share,
        case
            when
                case
                    when windows.is_one_line then totals.value_weighed_usd
                    else totals.value_contained_usd
                end
                < {{ threshold('quantity_coverage_minimum') }} * totals.value_usd
                then null
            when windows.is_one_line
                then coalesce(imports.quantity_kg, 0) / totals.quantity_kg
            else coalesce(imports.contained_g, 0) / totals.contained_g
        end as quantity_share
    from yardstick
    inner join series
        on yardstick.mineral_id = series.mineral_id and yardstick.stage = series.stage
    inner join windows
        on
            series.series_number = windows.series_number
            and yardstick.base_id = windows.window_id
            and windows.is_whole
    inner join parties as importer on yardstick.importer_id = importer.party_id
    inner join parties as origin on yardstick.origin_id = origin.party_id
    inner join totals
        on
            series.series_number = totals.series_number
            and importer.party_number = totals.importer_number
            and yardstick.first_year <= totals.reference_year
    left join imports
        on
            totals.series_number = imports.series_number
            and totals.reference_year = imports.reference_year
            and totals.importer_number = imports.importer_number
            and origin.party_number = imports.origin_number

),

by_measure as (

    select
        'value' as measure,
        reference_year,
        reference_year - first_year + 1 as slot,
        last_year,
        value_share as share
    from by_year
    union all
    select
        'tonnes' as measure,
        reference_year,
        reference_year - first_year + 1 as slot,
        last_year,
        quantity_share as share
    from by_year

),

-- Added up in the order of the years, as the base of every other share is: the yardstick must meet
-- itself to the last digit.
slots as (

    select
        measure,
        max(case when slot = 1 then share end) as share_1,
        max(case when slot = 2 then share end) as share_2,
        max(case when slot = 3 then share end) as share_3
    from by_measure
    group by measure

),

bases as (

    select
        measure,
        (share_1 + share_2 + share_3) / 3 as share_base
    from slots
    where share_1 + share_2 + share_3 is not null

)

select
    by_measure.measure,
    by_measure.reference_year,
    by_measure.reference_year - by_measure.last_year as years_after_base,
    by_measure.share,
    bases.share_base,
    by_measure.share - bases.share_base as share_change,
    by_measure.share / nullif(bases.share_base, 0) as share_ratio
from by_measure
inner join bases on by_measure.measure = bases.measure
where by_measure.reference_year > by_measure.last_year and by_measure.share is not null
