{{ config(meta={'dagster': {'ref': {'name': 'mart_import_evidence'}}}) }}
{#-
    Questions of an importer, mineral, stage and year that the current trade series refuses, that another
    table of the release answers with a figure, and that no row of mart_import_evidence answers.
-#}
with

dependencies as (

    select * from {{ ref('mart_import_dependency') }}
    where series_level = 'mineral_stage'

),

goods as (

    select * from {{ ref('import_evidence_goods') }}
    where goods_match in ('same', 'larger_part')

),

years as (

    select distinct reference_year from dependencies

),

known_origins as (

    select
        importer_id,
        mineral_id,
        stage,
        reference_year,
        'mart_import_dependency' as known_by
    from dependencies
    where not is_current_series and value_share is not null
    union
    select
        sources.importer_id,
        goods.answers_mineral_id as mineral_id,
        goods.stage,
        years.reference_year,
        'fct_us_import_source' as known_by
    from {{ ref('fct_us_import_source') }} as sources
    inner join goods
        on
            sources.source_id = goods.source_id
            and sources.mineral_id = goods.mineral_id
            and sources.form = goods.goods
    inner join years
        on
            sources.period_from_year <= years.reference_year
            and sources.period_to_year >= years.reference_year
    where coalesce(sources.import_share, sources.import_share_lower) is not null
    union
    select
        'EU27' as importer_id,
        shares.mineral_id,
        shares.stage,
        years.reference_year,
        'eu_crm' as known_by
    from {{ ref('stg_eu_crm__supply_shares') }} as shares
    inner join years
        on
            shares.period_from_year <= years.reference_year
            and shares.period_to_year >= years.reference_year
    where
        shares.scope = 'eu_sourcing'
        and shares.material_scope = 'whole'
        and coalesce(shares.supply_share, shares.supply_share_lower) is not null

),

answered as (

    select distinct
        importer_id,
        mineral_id,
        stage,
        reference_year
    from dependencies
    where is_current_series and value_share is not null
    union
    select distinct
        importer_id,
        mineral_id,
        stage,
        reference_year
    from {{ ref('mart_import_evidence') }}
    where is_best_evidence and coalesce(share, share_lower) is not null

)

select known_origins.*
from known_origins
left join answered
    on {{ same_key('known_origins', 'answered', [
        'importer_id', 'mineral_id', 'stage', 'reference_year',
    ]) }}
where answered.importer_id is null
