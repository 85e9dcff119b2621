{#-
    Flows of ore, intermediate and refined goods of one metal, with the metal that they contain: what can be
    told of cargoes that stand under two lines is told from these. Products and scrap are no supply of a
    mine; of what has no tonnes nothing can be told.
-#}
select
    flows.source_row_id,
    flows.edition,
    flows.series_id,
    flows.hs6,
    flows.mineral_id,
    flows.stage,
    flows.contained_factor_key,
    flows.exporter_iso3,
    flows.importer_iso3,
    flows.reference_year,
    flows.value_usd,
    flows.quantity_kg / 1000 as gross_tonnes,
    flows.quantity_kg / 1000 * factors.factor as contained_tonnes
from {{ ref('int_trade__classified_flows') }} as flows
left join {{ ref('stg_reference__contained_factors') }} as factors
    on flows.contained_factor_key = factors.factor_key
where
    flows.is_exclusive
    and flows.stage in ('mine', 'intermediate', 'refined')
    and flows.quantity_kg > 0
