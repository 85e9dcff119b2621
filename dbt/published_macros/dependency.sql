-- From whom does this importer buy this mineral at this stage in this year? The series that answers, largest origin first; one row with the reason where nothing does. Arguments: importer, mineral, stage (codes or names, see `dim_name`), year.
create macro critical_minerals.marts.dependency(importer, mineral, supply_stage, in_year) as table
with asked as materialized (
    select
        critical_minerals.marts.resolve_name('party', importer) as importer_id,
        critical_minerals.marts.resolve_name('mineral', mineral) as mineral_id,
        critical_minerals.marts.resolve_name('stage', supply_stage) as stage,
        coalesce(
            try_cast(in_year as integer),
            error(concat('No year is ''', coalesce(cast(in_year as varchar), 'null'), ''': write it like 2024.'))
        ) as reference_year
),

found as (
    select mart.*
    from critical_minerals.marts.mart_import_dependency as mart
    inner join asked
        on
            mart.importer_id = asked.importer_id
            and mart.mineral_id = asked.mineral_id
            and mart.stage = asked.stage
            and mart.reference_year = asked.reference_year
    where mart.series_level = 'mineral_stage' and mart.is_current_series
),

-- What the mart has no row for: a stage without a line of trade, a year before or after, an importer unknown to trade.
open_question as (
    select
        asked.*,
        case
            when coverage.null_reason is not null then coverage.null_reason
            when asked.reference_year between coverage.first_year and coverage.last_year then 'importer_not_in_series'
            else 'year_not_held'
        end as null_reason
    from asked
    inner join critical_minerals.marts.mart_coverage as coverage
        on
            asked.mineral_id = coverage.mineral_id
            and asked.stage = coverage.stage
            and coverage.coverage_view = 'import_dependency_value'
    where not exists (select 1 from found)
)

select
    answer.importer_id,
    answer.mineral_id,
    answer.stage,
    answer.reference_year,
    answer.origin_id,
    answer.origin_kind,
    answer.value_share,
    answer.quantity_share,
    answer.quantity_basis,
    answer.value_usd,
    answer.quantity_tonnes_gross,
    answer.quantity_tonnes_contained,
    answer.value_share_all_imports,
    answer.extra_bloc_fraction,
    answer.supplier_hhi,
    answer.series_id,
    answer.edition,
    answer.quality_flags,
    answer.null_reason,
    answer.quantity_null_reason
from (
    select * from found
    union all by name
    select *, null_reason as quantity_null_reason from open_question
) as answer
order by answer.value_share desc nulls last, answer.value_usd desc nulls last;
