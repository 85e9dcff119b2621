-- How do these importers stand for one mineral at one stage? Their headlines side by side, in the order asked. Arguments: a list of importers, mineral, stage (codes or names, see `dim_name`).
create macro critical_minerals.marts.compare(importers, mineral, supply_stage) as table
with named as materialized (
    select
        unnest(importers) as importer,
        generate_subscripts(importers, 1) as place
),

asked as materialized (
    select
        critical_minerals.marts.resolve_name('party', importer) as importer_id,
        critical_minerals.marts.resolve_name('mineral', mineral) as mineral_id,
        critical_minerals.marts.resolve_name('stage', supply_stage) as stage,
        place
    from named
)

select mart.*
from critical_minerals.marts.mart_headline as mart
inner join asked
    on
        mart.importer_id = asked.importer_id
        and mart.mineral_id = asked.mineral_id
        and mart.stage = asked.stage
order by asked.place;
