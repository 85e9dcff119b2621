{#-
    Supply of every node of a graph, closed: what it makes and imports, or what it exports where that is
    more; the gap has no origin. Output that the source knows of and withholds is not nothing: then nothing
    of the node's supply has an origin. A country for which it prints "not available" is one that it does not
    name.
-#}
with

graphs as (

    select * from {{ ref('int_look_through__graphs') }}

),

cells as (

    select * from {{ ref('look_through_cell') }}

),

flows as (

    select * from {{ ref('int_look_through__edges') }}

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

parties as (

    select * from {{ ref('int_trade__parties') }}

),

members as (

    select * from {{ ref('int_trade__bloc_members_by_year') }}

),

-- Where the source counts on another basis than trade, its shares are put on another's total.
produced as (

    select
        'traded' as role,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        parties.party_number,
        case
            when cells.total_source_id is null then figures.quantity_tonnes
            else figures.production_share * worlds.world_total_tonnes
        end as tonnes,
        figures.value_status
    from cells
    inner join figures
        on
            cells.production_source_id = figures.source_id
            and cells.mineral_id = figures.mineral_id
            and cells.stage = figures.stage
            and cells.production_form = figures.form
            and cells.production_basis = figures.basis
            and cells.reference_year = figures.reference_year
    inner join parties on figures.country_iso3 = parties.party_id
    left join worlds
        on
            cells.total_source_id = worlds.source_id
            and cells.mineral_id = worlds.mineral_id
            and cells.total_stage = worlds.stage
            and cells.total_form = worlds.form
            and cells.total_basis = worlds.basis
            and cells.reference_year = worlds.reference_year
    union all
    select
        'feed' as role,
        cells.mineral_id,
        cells.stage,
        cells.reference_year,
        parties.party_number,
        figures.quantity_tonnes as tonnes,
        figures.value_status
    from cells
    inner join figures
        on
            cells.feed_source_id = figures.source_id
            and cells.mineral_id = figures.mineral_id
            and figures.stage = 'mine'
            and cells.feed_form = figures.form
            and cells.feed_basis = figures.basis
            and cells.reference_year = figures.reference_year
    inner join parties on figures.country_iso3 = parties.party_id

),

producers as (

    select
        graphs.graph_number,
        coalesce(members.bloc_number, produced.party_number) as party_number,
        cast(sum(cast(round(produced.tonnes * 1000000) as bigint)) as bigint) as production_g,
        bool_or(produced.tonnes is not null) as is_named,
        bool_or(produced.value_status = 'withheld') as is_withheld
    from produced
    inner join graphs
        on
            produced.role = graphs.role
            and produced.mineral_id = graphs.mineral_id
            and produced.stage = graphs.stage
            and produced.reference_year = graphs.reference_year
    left join members
        on
            graphs.bloc_number = members.bloc_number
            and graphs.reference_year = members.reference_year
            and produced.party_number = members.member_number
    group by graphs.graph_number, coalesce(members.bloc_number, produced.party_number)

),

traded as (

    select
        graph_number,
        party_number,
        cast(sum(imports_g) as bigint) as imports_g,
        cast(sum(exports_g) as bigint) as exports_g,
        cast(sum(value_usd) as bigint) as value_usd,
        cast(sum(value_weighed_usd) as bigint) as value_weighed_usd,
        cast(sum(outlier_g) as bigint) as outlier_g
    from (
        select
            graph_number,
            importer_number as party_number,
            mass_g as imports_g,
            0 as exports_g,
            value_usd,
            value_weighed_usd,
            outlier_g
        from flows
        union all
        select
            graph_number,
            exporter_number as party_number,
            0 as imports_g,
            mass_g as exports_g,
            0 as value_usd,
            0 as value_weighed_usd,
            0 as outlier_g
        from flows
    ) as both_ends
    group by graph_number, party_number

),

balanced as (

    select
        coalesce(traded.graph_number, producers.graph_number) as graph_number,
        coalesce(traded.party_number, producers.party_number) as party_number,
        coalesce(producers.is_named, false) as is_named,
        coalesce(producers.is_withheld, false) as is_withheld,
        coalesce(producers.production_g, 0) as production_g,
        coalesce(traded.imports_g, 0) as imports_g,
        coalesce(traded.exports_g, 0) as exports_g,
        coalesce(traded.value_usd, 0) as value_usd,
        coalesce(traded.value_weighed_usd, 0) as value_weighed_usd,
        coalesce(traded.outlier_g, 0) as outlier_g
    from traded
    full outer join producers
        on
            traded.graph_number = producers.graph_number
            and traded.party_number = producers.party_number

),

closed as (

    select
        *,
        greatest(production_g + imports_g, exports_g) as supply_g
    from balanced

)

select
    *,
    supply_g - exports_g as apparent_g,
    case
        when is_withheld or supply_g = 0 then cast(0 as double)
        else production_g / supply_g
    end as own_share,
    case
        when is_withheld or supply_g = 0 then cast(1 as double)
        else (supply_g - production_g - imports_g) / supply_g
    end as gap_share
from closed
