-- What `dependency` and `look_through` are asked, in codes: a row for each stage that is asked for, the year null where none is given. Arguments: importer, mineral, stage (codes or names), year (may be null).
create macro critical_minerals.marts.resolve_question(importer, mineral, supply_stage, in_year) as table
select
    critical_minerals.marts.resolve_name('party', importer) as importer_id,
    stages.mineral_id,
    stages.stage,
    stages.stage_order,
    coalesce(critical_minerals.marts.resolve_year(in_year), stages.asked_year) as reference_year
from critical_minerals.marts.resolve_stages(mineral, supply_stage) as stages;
