-- From whom does this importer buy this mineral at this stage in this year? The series that answers, largest origin first; one row with the reason where nothing does. Arguments: importer (ISO alpha-3 or bloc), mineral, stage, year.
create macro critical_minerals.marts.dependency(importer, mineral, supply_stage, in_year) as table
select
    mart.importer_id,
    mart.mineral_id,
    mart.stage,
    mart.reference_year,
    mart.origin_id,
    mart.origin_kind,
    mart.value_share,
    mart.quantity_share,
    mart.quantity_basis,
    mart.value_usd,
    mart.quantity_tonnes_gross,
    mart.quantity_tonnes_contained,
    mart.value_share_all_imports,
    mart.extra_bloc_fraction,
    mart.supplier_hhi,
    mart.series_id,
    mart.edition,
    mart.quality_flags,
    mart.null_reason,
    mart.quantity_null_reason
from critical_minerals.marts.mart_import_dependency as mart
where
    mart.importer_id = importer
    and mart.series_level = 'mineral_stage'
    and mart.mineral_id = mineral
    and mart.stage = supply_stage
    and mart.reference_year = in_year
    and mart.is_current_series
order by mart.value_share desc nulls last, mart.value_usd desc nulls last;
