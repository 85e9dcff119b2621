{{ config(meta={'dagster': {'ref': {'name': 'int_look_through__node_origins'}}}) }}
{#-
    No mass is made or lost: what all countries together keep of a producer's output is its output in the mart
    of production, within 1% and a tonne. They keep their apparent supply; where a source withholds a country's
    output its own mix is not known, and it keeps what it imports.
-#}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where bloc_number = 0 and series_level = 'mineral_stage'

),

{{ look_through_cells(is_answered=true) }},

{{ look_through_outputs() }},

production as (

    select * from {{ ref('mart_production_share') }}
    where is_current_edition and quantity_tonnes is not null

),

worlds as (

    select distinct
        source_id,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        world_total_tonnes
    from production

),

supplies as (select * from {{ ref('int_look_through__node_balances') }}),
traced as (select * from {{ ref('int_look_through__node_origins') }}),

kept as (

    select
        traced.graph_number,
        traced.origin_number,
        supplies.apparent_g / 1000000 * (traced.units / 1e15) as tonnes
    from traced
    inner join supplies
        on {{ same_key('traced', 'supplies', ['graph_number', 'party_number']) }}
    where not supplies.is_withheld
    union all
    select
        traced.graph_number,
        traced.origin_number,
        flows.mass_g / 1000000 * (traced.units / 1e15) as tonnes
    from {{ ref('int_look_through__edges') }} as flows
    inner join supplies
        on
            flows.graph_number = supplies.graph_number
            and flows.importer_number = supplies.party_number
    inner join traced
        on
            flows.graph_number = traced.graph_number
            and flows.exporter_number = traced.party_number
    where supplies.is_withheld and flows.exporter_number <> flows.importer_number

),

absorbed_by_country as (

    select
        graphs.role,
        graphs.mineral_id,
        graphs.stage,
        graphs.reference_year,
        parties.party_id as country_iso3,
        sum(kept.tonnes) as absorbed_tonnes
    from graphs
    inner join kept on graphs.graph_number = kept.graph_number
    inner join {{ ref('int_trade__parties') }} as parties
        on kept.origin_number = parties.party_number
    group by
        graphs.role, graphs.mineral_id, graphs.stage, graphs.reference_year, parties.party_id

),

output_by_country as (

    select
        cells.role,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        production.country_iso3,
        case
            when cells.total_source_id is null then production.quantity_tonnes
            else production.production_share * worlds.world_total_tonnes
        end as produced_tonnes
    from output_cells as cells
    inner join production
        on
            {{ same_key('cells', 'production', [
                'source_id', 'mineral_id', 'form', 'basis', 'reference_year',
            ]) }}
            and cells.produced_stage = production.stage
    left join worlds
        on
            {{ same_key('cells', 'worlds', ['mineral_id', 'reference_year']) }}
            and cells.total_source_id = worlds.source_id
            and cells.total_stage = worlds.stage
            and cells.total_form = worlds.form
            and cells.total_basis = worlds.basis

),

-- As of a day before trade came out there is no graph.
produced as (

    select output_by_country.*
    from output_by_country
    inner join graphs
        on {{ same_key('output_by_country', 'graphs', [
            'role', 'mineral_id', 'stage', 'reference_year',
        ]) }}

)

select
    coalesce(produced.role, absorbed_by_country.role) as role,
    coalesce(produced.mineral_id, absorbed_by_country.mineral_id) as mineral_id,
    coalesce(produced.stage, absorbed_by_country.stage) as stage,
    coalesce(produced.reference_year, absorbed_by_country.reference_year) as reference_year,
    coalesce(produced.country_iso3, absorbed_by_country.country_iso3) as country_iso3,
    produced.produced_tonnes,
    absorbed_by_country.absorbed_tonnes
from produced
full outer join absorbed_by_country
    on
        {{ same_key('produced', 'absorbed_by_country', [
            'role', 'mineral_id', 'stage', 'reference_year', 'country_iso3',
        ]) }}
where
    abs(coalesce(produced.produced_tonnes, 0) - coalesce(absorbed_by_country.absorbed_tonnes, 0))
    > 0.01 * coalesce(produced.produced_tonnes, 0) + 1
