{{ config(meta={'dagster': {'ref': {'name': 'mart_import_dependency'}}}) }}
{#-
    The flows that count at a stage add up to what each country imports there in the series that answers: who sums
    the facts with that one filter has the mart's dollars, once.
-#}
with

flowed as (

    select
        importer_id,
        mineral_id,
        stage,
        series_id,
        reference_year,
        cast(sum(value_usd) as bigint) as value_usd
    from {{ ref('fct_trade') }}
    where is_counted_at_stage
    group by importer_id, mineral_id, stage, series_id, reference_year

),

imported as (

    select
        importer_id,
        mineral_id,
        stage,
        series_id,
        reference_year,
        cast(sum(value_usd) as bigint) as value_usd
    from {{ ref('mart_import_dependency') }}
    where
        series_level = 'mineral_stage'
        and is_current_series
        and importer_kind = 'country'
        and origin_kind = 'country'
    group by importer_id, mineral_id, stage, series_id, reference_year

)

select
    coalesce(flowed.importer_id, imported.importer_id) as importer_id,
    coalesce(flowed.mineral_id, imported.mineral_id) as mineral_id,
    coalesce(flowed.stage, imported.stage) as stage,
    coalesce(flowed.reference_year, imported.reference_year) as reference_year,
    flowed.value_usd as flows_usd,
    imported.value_usd as imports_usd
from flowed
full outer join imported
    on
        {{ same_key('flowed', 'imported', [
            'importer_id', 'mineral_id', 'stage', 'series_id', 'reference_year',
        ]) }}
where flowed.value_usd is distinct from imported.value_usd
