{{ config(meta={'dagster': {'ref': {'name': 'fct_us_import_source'}}}) }}
{#-
    Forms of USGS's import sources that no row of the seed gives to a question: their figures would be lost.
-#}
select distinct
    sources.mineral_id,
    sources.form
from {{ ref('fct_us_import_source') }} as sources
left join {{ ref('import_evidence_goods') }} as goods
    on
        sources.source_id = goods.source_id
        and sources.mineral_id = goods.mineral_id
        and sources.form = goods.goods
where goods.goods is null
