{#-
    From whom each node of a graph has its supply: whole grams of what the graph counts (metal or oxide
    contained, or product as shipped) and whole dollars. In the graph of a bloc its members are one node and
    what they sell each other is gone. A shipment that stands under two codes counts once; feed counts at its own
    stage only, never as refined supply.
    What a node makes is its edge to itself. What it exports beyond what it makes and imports comes from nobody:
    exporter -2 where the source names the node, else -1. So each node's parts add up to its supply. Output
    that the source knows of and withholds is not nothing: then nothing of the node's supply has an origin. A
    country for which it prints "not available" is one that it does not name.
-#}
with

flows as (

    select * from {{ ref('int_trade__measured_flows') }}
    where
        is_current_edition
        and not is_code_drift
        and not is_suspected_double_count

),

{{ look_through_cells() }},

{{ look_through_outputs() }},

graphs as (select * from {{ ref('int_look_through__graphs') }}),

bases as (

    select * from graphs
    where bloc_number = 0

),

lines as (

    select * from {{ ref('int_trade__series_by_year') }}
    where series_level = 'hs6' and is_current_series

),

factors as (select * from {{ ref('stg_reference__contained_factors') }}),
members as (select * from {{ ref('int_trade__bloc_members_by_year') }}),

weighed_flows as (

    select
        bases.base_number,
        flows.exporter_number,
        flows.importer_number,
        flows.value_usd,
        case
            when bases.measure = 'gross' then flows.quantity_kg * 1000
            else flows.contained_g
        end as mass_g,
        flows.is_unit_value_outlier
    from flows
    inner join bases
        on
            flows.reference_year = bases.reference_year
            and flows.pool_number = bases.pool_number
            and (bases.series_level = 'mineral_stage' or flows.line_number = bases.series_number)
    where bases.role = 'traded'
    union all
    select
        bases.base_number,
        flows.exporter_number,
        flows.importer_number,
        flows.value_usd,
        coalesce(
            flows.contained_g, cast(round(flows.quantity_kg * 1000 * factors.factor) as bigint)
        ) as mass_g,
        flows.is_unit_value_outlier
    from flows
    inner join lines
        on
            flows.line_number = lines.series_number
            and flows.reference_year = lines.reference_year
    inner join bases
        on {{ same_key('lines', 'bases', ['mineral_id', 'reference_year']) }}
    left join factors on bases.feed_factor_key = factors.factor_key
    where bases.role = 'feed' and flows.stage in ('mine', 'intermediate')

),

by_country as (

    select
        base_number,
        exporter_number,
        importer_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(mass_g) as bigint) as mass_g,
        cast(sum(case when mass_g is not null then value_usd end) as bigint) as value_weighed_usd,
        cast(sum(case when is_unit_value_outlier then mass_g end) as bigint) as outlier_g
    from weighed_flows
    group by base_number, exporter_number, importer_number

),

by_node as (

    select
        graphs.graph_number,
        coalesce(seller.bloc_number, by_country.exporter_number) as exporter_number,
        coalesce(buyer.bloc_number, by_country.importer_number) as importer_number,
        by_country.value_usd,
        by_country.mass_g,
        by_country.value_weighed_usd,
        by_country.outlier_g
    from by_country
    inner join graphs on by_country.base_number = graphs.base_number
    left join members as seller
        on
            graphs.bloc_number = seller.bloc_number
            and graphs.reference_year = seller.reference_year
            and by_country.exporter_number = seller.member_number
    left join members as buyer
        on
            graphs.bloc_number = buyer.bloc_number
            and graphs.reference_year = buyer.reference_year
            and by_country.importer_number = buyer.member_number

),

shipments as (

    select
        graph_number,
        exporter_number,
        importer_number,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(coalesce(sum(mass_g), 0) as bigint) as mass_g,
        cast(coalesce(sum(value_weighed_usd), 0) as bigint) as value_weighed_usd,
        cast(coalesce(sum(outlier_g), 0) as bigint) as outlier_g
    from by_node
    where exporter_number <> importer_number
    group by graph_number, exporter_number, importer_number

),

figures as (

    select * from {{ ref('int_production__shares') }}
    where statistic = 'production' and is_current_edition

),

worlds as (

    select
        source_id,
        mineral_id,
        stage,
        form,
        basis,
        reference_year,
        max(world_total_tonnes) as world_total_tonnes
    from figures
    group by source_id, mineral_id, stage, form, basis, reference_year

),

parties as (select * from {{ ref('int_trade__parties') }}),

-- Where the source counts on another basis than trade, its shares are put on another's total.
country_outputs as (

    select
        cells.role,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        parties.party_number,
        case
            when cells.total_source_id is null then figures.quantity_tonnes
            else figures.production_share * worlds.world_total_tonnes
        end as tonnes,
        figures.value_status
    from output_cells as cells
    inner join figures
        on
            {{ same_key('cells', 'figures', [
                'source_id', 'mineral_id', 'form', 'basis', 'reference_year',
            ]) }}
            and cells.produced_stage = figures.stage
    inner join parties on figures.country_iso3 = parties.party_id
    left join worlds
        on
            {{ same_key('cells', 'worlds', ['mineral_id', 'reference_year']) }}
            and cells.total_source_id = worlds.source_id
            and cells.total_stage = worlds.stage
            and cells.total_form = worlds.form
            and cells.total_basis = worlds.basis

),

producers as (

    select
        graphs.graph_number,
        coalesce(members.bloc_number, country_outputs.party_number) as party_number,
        cast(sum(cast(round(country_outputs.tonnes * 1000000) as bigint)) as bigint)
            as production_g,
        bool_or(country_outputs.tonnes is not null) as is_named,
        bool_or(country_outputs.value_status = 'withheld') as is_withheld
    from country_outputs
    inner join graphs
        on
            {{ same_key(
                'country_outputs', 'graphs', ['role', 'mineral_id', 'stage', 'reference_year']
            ) }}
    left join members
        on
            graphs.bloc_number = members.bloc_number
            and graphs.reference_year = members.reference_year
            and country_outputs.party_number = members.member_number
    group by graphs.graph_number, coalesce(members.bloc_number, country_outputs.party_number)

),

ends as (

    select
        graph_number,
        importer_number as party_number,
        mass_g as imports_g,
        0 as exports_g,
        0 as production_g,
        false as is_producer,
        false as is_named,
        false as is_withheld
    from shipments
    union all
    select
        graph_number,
        exporter_number as party_number,
        0 as imports_g,
        mass_g as exports_g,
        0 as production_g,
        false as is_producer,
        false as is_named,
        false as is_withheld
    from shipments
    union all
    select
        graph_number,
        party_number,
        0 as imports_g,
        0 as exports_g,
        coalesce(production_g, 0) as production_g,
        true as is_producer,
        is_named,
        is_withheld
    from producers

),

nodes as (

    select
        graph_number,
        party_number,
        cast(sum(imports_g) as bigint) as imports_g,
        cast(sum(exports_g) as bigint) as exports_g,
        cast(sum(production_g) as bigint) as production_g,
        cast(greatest(sum(production_g + imports_g), sum(exports_g)) as bigint) as supply_g,
        bool_or(is_producer) as is_producer,
        bool_or(is_named) as is_named,
        bool_or(is_withheld) as is_withheld,
        -- Nothing to take a part of, or nothing known of it.
        bool_or(is_withheld) or greatest(sum(production_g + imports_g), sum(exports_g)) = 0
            as is_unknown
    from ends
    group by graph_number, party_number
),

-- What links of the trade network weigh: where too little of a graph's value has tonnes, dollars.
networks as (

    select
        graphs.graph_number,
        case
            when
                {{ is_weighed('sum(shipments.value_weighed_usd)', 'sum(shipments.value_usd)') }}
                then graphs.measure
            else 'value'
        end as network_measure
    from bases as graphs
    inner join shipments on graphs.graph_number = shipments.graph_number
    left join {{ ref('int_trade__series_by_year') }} as series
        on {{ same_key('graphs', 'series', ['series_number', 'reference_year']) }}
    where
        graphs.role = 'traded'
        and graphs.series_level = 'mineral_stage'
        -- Of a year that one bloc alone declares yet, nobody knows what others buy.
        and series.importer_bloc_id is null
    group by graphs.graph_number, graphs.measure

)

select
    shipments.graph_number,
    cast(shipments.exporter_number as integer) as exporter_number,
    shipments.importer_number,
    shipments.value_usd,
    shipments.mass_g,
    shipments.value_weighed_usd,
    shipments.outlier_g,
    case when nodes.is_unknown then cast(0 as double) else shipments.mass_g / nodes.supply_g end
        as supply_share,
    false as is_named,
    false as is_withheld,
    -- Only what a node sells on passes its origins on.
    nodes.exports_g > 0 as is_sold_on,
    networks.network_measure,
    case
        when networks.network_measure = 'value' then shipments.value_usd
        when networks.network_measure is not null then shipments.mass_g
    end as network_amount
from shipments
inner join nodes
    on
        shipments.graph_number = nodes.graph_number
        and shipments.importer_number = nodes.party_number
left join networks on shipments.graph_number = networks.graph_number
union all by name
select
    graph_number,
    cast(party_number as integer) as exporter_number,
    party_number as importer_number,
    0 as value_usd,
    production_g as mass_g,
    0 as value_weighed_usd,
    0 as outlier_g,
    case when is_unknown then cast(0 as double) else production_g / supply_g end as supply_share,
    is_named,
    is_withheld,
    exports_g > 0 as is_sold_on
from nodes
where is_producer
union all by name
select
    graph_number,
    case when is_named and not is_withheld then -2 else -1 end as exporter_number,
    party_number as importer_number,
    0 as value_usd,
    supply_g - production_g - imports_g as mass_g,
    0 as value_weighed_usd,
    0 as outlier_g,
    case
        when is_unknown then cast(1 as double)
        else (supply_g - production_g - imports_g) / supply_g
    end as supply_share,
    false as is_named,
    false as is_withheld,
    exports_g > 0 as is_sold_on
from nodes
where is_unknown or supply_g > production_g + imports_g
