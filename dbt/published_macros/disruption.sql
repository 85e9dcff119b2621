-- What does each importer lose of this mineral if this supplier cuts its deliveries, in the latest year of trade? By declared partner, and where the look-through knows by who made it and who mined it. Nobody helps and there are no stocks: with both, see `mart_disruption`. Who buys none of it has no row; whose purchases are not known has one with the reason; where nobody's are, one row says why. Arguments: supplier, mineral (codes or names, see `dim_name`), depth above 0 to 1, days.
create macro critical_minerals.marts.disruption(supplier, mineral, depth, duration_days) as table
with asked as materialized (
    select
        critical_minerals.marts.resolve_name('party', supplier) as supplier_id,
        critical_minerals.marts.resolve_name('mineral', mineral) as mineral_id,
        case
            when depth > 0 and depth <= 1 then cast(depth as double)
            else error(concat('No depth is ', coalesce(cast(depth as varchar), 'null'), ': 1 is a full stop, 0.5 a half.'))
        end as depth,
        case
            when duration_days > 0 then duration_days
            else error(concat('No duration is ', coalesce(cast(duration_days as varchar), 'null'), ': write a number of days.'))
        end as duration_days
),

imports as materialized (
    select * from critical_minerals._stored.mart_import_dependency_of(null, (select mineral_id from asked))
    where series_level = 'mineral_stage' and is_current_series
),

latest as materialized (
    select asked.supplier_id, asked.mineral_id, imports.stage, max(imports.reference_year) as reference_year
    from imports
    cross join asked
    where imports.origin_id is not null
    group by asked.supplier_id, asked.mineral_id, imports.stage
),

touched as (
    select imports.*
    from imports
    inner join latest
        on imports.stage = latest.stage and imports.reference_year = latest.reference_year
    where
        case
            when imports.origin_id is null
                then imports.null_reason not in ('no_imports_recorded', 'no_longer_a_country')
            else imports.origin_id = latest.supplier_id and imports.value_share is not null
        end
),

faces as (
    select
        importer_id,
        importer_kind,
        stage,
        reference_year,
        'declared_origin' as origin_view,
        quantity_basis,
        case
            when quantity_share is null then null
            when quantity_basis = 'gross' then quantity_tonnes_gross
            else quantity_tonnes_contained
        end as supplied_tonnes,
        coalesce(quantity_share, value_share) as share,
        case
            when quantity_share is not null then 'tonnes'
            when value_share is not null then 'value'
        end as share_measure,
        quality_flags,
        coalesce(null_reason, quantity_null_reason) as null_reason
    from touched
),

seen as (
    select mart.*
    from critical_minerals.marts.mart_dependency_view as mart
    inner join latest
        on
            mart.mineral_id = latest.mineral_id
            and mart.stage = latest.stage
            and mart.reference_year = latest.reference_year
    where
        mart.series_level = 'mineral_stage'
        and mart.denominator = 'apparent_supply'
        and (mart.origin_id = latest.supplier_id or mart.origin_id is null)
        and mart.importer_id <> latest.supplier_id
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
),

views as materialized (
    select * from faces
    union all
    select * from origins
),

-- Where no stage of the mineral has a line of trade, or nobody's purchases are known to be touched.
open_question as (
    select
        case
            when bool_or(coverage.null_reason is null) then 'no_imports_recorded'
            else
                coalesce(
                    max(coverage.null_reason) filter (where coverage.null_reason <> 'no_hs_line'), 'no_hs_line'
                )
        end as null_reason
    from asked
    inner join critical_minerals.marts.mart_coverage as coverage
        on asked.mineral_id = coverage.mineral_id and coverage.statistic = 'import_dependency_value'
    where not exists (select 1 from views)
    having count(*) > 0
)

select
    answer.importer_id,
    answer.importer_kind,
    answer.stage,
    answer.reference_year,
    answer.origin_view,
    answer.quantity_basis,
    answer.supplied_tonnes * asked.depth * asked.duration_days / 365 as loss_tonnes,
    answer.share * asked.depth as loss_share,
    answer.share_measure,
    answer.quality_flags,
    answer.null_reason
from (
    select * from views
    union all by name
    select null_reason from open_question
) as answer
cross join asked
order by answer.stage, answer.origin_view, loss_share desc nulls last, answer.importer_id;
