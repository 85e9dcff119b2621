{{ config(meta={'dagster': {'ref': {'name': 'mart_dependency_view'}}}) }}
{#-
    Where China makes more than half of the world's output at a stage, some of what everybody buys at that
    stage is Chinese. A source term taken from net exports would say 0: China is a net importer of
    rare-earth compounds. Of ore it is asked of all importers together: China smelts its own (tungsten), and
    not every buyer need have some.
-#}
with

{{ look_through_cells(is_answered=true) }},

most as (

    select
        cells.mineral_id,
        cells.stage,
        cells.reference_year
    from cells
    inner join {{ ref('mart_production_share') }} as production
        on
            cells.production_source_id = production.source_id
            and cells.mineral_id = production.mineral_id
            and cells.stage = production.stage
            and cells.production_form = production.form
            and cells.production_basis = production.basis
            and cells.reference_year = production.reference_year
    where
        production.country_iso3 = 'CHN'
        and production.is_current_edition
        and production.production_share > 0.5

),

views as (

    select
        case when view.stage = 'mine' then 'all' else view.importer_id end as importer_id,
        view.mineral_id,
        view.stage,
        view.reference_year,
        view.measure,
        sum(
            case
                when view.origin_id <> 'CHN' then 0
                when view.stage = 'mine' then view.mine_origin_share
                else view.refiner_origin_share
            end
        ) as china_share
    from {{ ref('mart_dependency_view') }} as view
    inner join most
        on {{ same_key('view', 'most', ['mineral_id', 'stage', 'reference_year']) }}
    where
        view.null_reason is null
        and view.series_level = 'mineral_stage'
        and view.denominator = 'imports'
    group by
        case when view.stage = 'mine' then 'all' else view.importer_id end,
        view.mineral_id, view.stage, view.reference_year, view.measure

)

select *
from views
where china_share = 0
