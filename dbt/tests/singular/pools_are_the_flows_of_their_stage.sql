{{ config(meta={'dagster': {'ref': {'name': 'mart_import_dependency'}}}) }}
{#-
    What countries import in a pool of the mart is what the facts have at that stage, by value and by
    kilograms: in the series that answers for the year, and in Comext's.
-#}
with

lines as (select * from {{ ref('int_trade__lines') }}),

pools as (

    select
        series.mineral_id,
        series.stage,
        series.edition,
        series.series_id,
        chosen.reference_year
    from {{ ref('int_trade__series_by_year') }} as chosen
    inner join {{ ref('int_trade__series') }} as series
        on chosen.series_number = series.series_number
    where
        series.series_level = 'mineral_stage'
        and (chosen.is_current_series or series.series_id = 'comext_cn8')

),

flowed as (

    select
        facts.mineral_id,
        facts.stage,
        facts.edition,
        facts.series_id,
        facts.reference_year,
        cast(sum(facts.value_usd) as bigint) as value_usd,
        cast(round(1000 * coalesce(sum(facts.quantity_tonnes_gross), 0)) as bigint) as quantity_kg
    from {{ ref('fct_trade') }} as facts
    inner join lines on facts.hs6 = lines.hs6
    inner join pools
        on
            {{ same_key('facts', 'pools', [
                'mineral_id', 'stage', 'edition', 'series_id', 'reference_year',
            ]) }}
    where
        (lines.is_exclusive or facts.series_id = 'comext_cn8')
        and not facts.is_suspected_double_count
        -- From then on a later revision has emptied the code; Comext's codes are those in force.
        and (
            facts.reference_year < coalesce(lines.drift_from_year, 9999)
            or facts.series_id = 'comext_cn8'
        )
    group by
        facts.mineral_id, facts.stage, facts.edition, facts.series_id, facts.reference_year

),

marts as (

    select
        mineral_id,
        stage,
        edition,
        series_id,
        reference_year,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(round(1000 * coalesce(sum(quantity_tonnes_gross), 0)) as bigint) as quantity_kg
    from {{ ref('mart_import_dependency') }}
    where
        series_level = 'mineral_stage'
        and importer_kind = 'country'
        and origin_kind = 'country'
    group by mineral_id, stage, edition, series_id, reference_year

)

select
    coalesce(flowed.mineral_id, marts.mineral_id) as mineral_id,
    coalesce(flowed.stage, marts.stage) as stage,
    coalesce(flowed.series_id, marts.series_id) as series_id,
    coalesce(flowed.reference_year, marts.reference_year) as reference_year,
    flowed.value_usd as flows_usd,
    marts.value_usd as mart_usd,
    flowed.quantity_kg as flows_kg,
    marts.quantity_kg as mart_kg
from flowed
full outer join marts
    on
        {{ same_key('flowed', 'marts', [
            'mineral_id', 'stage', 'edition', 'series_id', 'reference_year',
        ]) }}
where
    flowed.value_usd is distinct from marts.value_usd
    or flowed.quantity_kg is distinct from marts.quantity_kg
