-- What does each importer lose of this mineral if this supplier cuts its deliveries, in the latest year of trade? By declared partner, and where the look-through knows by who made it and who mined it. Nobody helps and there are no stocks: with both, see `mart_disruption`. Who buys none of it has no row; whose purchases are not known has one with the reason. Arguments: supplier (ISO alpha-3), mineral, depth 0-1, days.
create macro critical_minerals.marts.disruption(supplier, mineral, depth, duration_days) as table
with latest as (
    select stage, max(reference_year) as reference_year
    from critical_minerals.marts.mart_import_dependency
    where mineral_id = mineral and series_level = 'mineral_stage' and is_current_series and origin_id is not null
    group by stage
),

faces as (
    select
        mart.importer_id,
        mart.importer_kind,
        mart.stage,
        mart.reference_year,
        'face' as origin_view,
        mart.quantity_basis,
        case
            when mart.quantity_share is null then null
            when mart.quantity_basis = 'gross' then mart.quantity_tonnes_gross
            else mart.quantity_tonnes_contained
        end as supplied_tonnes,
        coalesce(mart.quantity_share, mart.value_share) as share,
        case
            when mart.quantity_share is not null then 'tonnes'
            when mart.value_share is not null then 'value'
        end as share_measure,
        mart.quality_flags,
        coalesce(mart.null_reason, mart.quantity_null_reason) as null_reason
    from critical_minerals.marts.mart_import_dependency as mart
    inner join latest on mart.stage = latest.stage and mart.reference_year = latest.reference_year
    where
        mart.mineral_id = mineral
        and mart.series_level = 'mineral_stage'
        and mart.is_current_series
        and (
            (mart.origin_id = supplier and mart.value_share is not null)
            or (mart.origin_id is null and mart.null_reason not in ('no_imports_recorded', 'no_longer_a_country'))
        )
),

seen as (
    select mart.*
    from critical_minerals.marts.mart_dependency_view as mart
    inner join latest on mart.stage = latest.stage and mart.reference_year = latest.reference_year
    where
        mart.mineral_id = mineral
        and mart.series_level = 'mineral_stage'
        and mart.denominator = 'apparent_supply'
        and (mart.origin_id = supplier or mart.origin_id is null)
        and mart.importer_id <> supplier
),

origins as (
    select
        importer_id, importer_kind, stage, reference_year, 'refiner_origin' as origin_view,
        measure as quantity_basis, refiner_origin_share * denominator_tonnes as supplied_tonnes,
        refiner_origin_share as share, 'tonnes' as share_measure, quality_flags,
        refiner_null_reason as null_reason
    from seen
    where refiner_null_reason is distinct from 'not_refined_yet'
    union all
    select
        importer_id, importer_kind, stage, reference_year, 'mine_origin' as origin_view,
        measure as quantity_basis, mine_origin_share * denominator_tonnes as supplied_tonnes,
        mine_origin_share as share, 'tonnes' as share_measure, quality_flags,
        mine_null_reason as null_reason
    from seen
)

select
    importer_id,
    importer_kind,
    stage,
    reference_year,
    origin_view,
    quantity_basis,
    supplied_tonnes * depth * duration_days / 365 as loss_tonnes,
    share * depth as loss_share,
    share_measure,
    quality_flags,
    null_reason
from (select * from faces union all select * from origins) as views
order by stage, origin_view, loss_share desc nulls last, importer_id;
