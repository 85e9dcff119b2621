with

links as (

    select
        *,
        value_usd - value_weighed_usd as unweighed_usd
    from {{ ref('int_look_through__edges') }}
    where network_amount is not null

),

graphs as (

    select * from {{ ref('int_look_through__graphs') }}
    where bloc_number = 0 and role = 'traded' and series_level = 'mineral_stage'

),

balances as (select * from {{ ref('int_look_through__node_balances') }}),

origins as (

    select * from {{ ref('int_look_through__node_origins') }}
    where origin_number > 0

),

centralities as (select * from {{ ref('int_network__centralities') }}),

{{ look_through_cells() }},

parties as (select * from {{ ref('int_trade__parties') }}),
series as (select * from {{ ref('int_trade__series_by_year') }}),

ends as (

    select
        graph_number,
        network_measure as measure,
        exporter_number as party_number,
        network_amount as export_amount,
        value_usd as exports_usd,
        unweighed_usd as exports_unweighed_usd,
        outlier_g as export_outlier_g,
        1 as buyer_count
    from links
    union all by name
    select
        graph_number,
        network_measure as measure,
        importer_number as party_number,
        network_amount as import_amount,
        value_usd as imports_usd,
        unweighed_usd as imports_unweighed_usd,
        outlier_g as import_outlier_g,
        1 as supplier_count
    from links

),

nodes as (

    select
        graph_number,
        measure,
        party_number,
        {%- for side in ['export', 'import'] %}
        coalesce(sum({{ side }}_amount), 0) as {{ side }}_amount,
        coalesce(sum({{ side }}s_usd), 0) as {{ side }}s_usd,
        coalesce(sum({{ side }}s_unweighed_usd), 0) as {{ side }}s_unweighed_usd,
        coalesce(sum({{ side }}_outlier_g), 0) as {{ side }}_outlier_g,
        {%- endfor %}
        coalesce(sum(buyer_count), 0) as buyer_count,
        coalesce(sum(supplier_count), 0) as supplier_count
    from ends
    group by graph_number, measure, party_number

),

traded_amounts as (

    select
        graph_number,
        sum(export_amount) as amount
    from nodes
    group by graph_number

),

-- Whether the source of output names anybody in the year.
named_graphs as (

    select graph_number
    from balances
    group by graph_number
    having bool_or(is_named)

),

-- Of what others than the origin buy: the part that the look-through gives to it.
traced_amounts as (

    select
        links.graph_number,
        origins.origin_number as party_number,
        -- Whole grams or dollars, so that no order of addition changes a digit.
        sum(cast(round(links.network_amount * (origins.units / 1e15)) as bigint)) as amount
    from links
    inner join origins
        on
            links.graph_number = origins.graph_number
            and links.exporter_number = origins.party_number
    where links.importer_number <> origins.origin_number
    group by links.graph_number, origins.origin_number

),

purchases as (

    select
        links.graph_number,
        links.exporter_number,
        parties.party_id as importer_id,
        -- Spark divides before it leaves out buyers of nothing.
        links.network_amount / nullif(nodes.import_amount, 0) as share,
        nodes.measure <> 'value'
        and nodes.import_outlier_g
        > {{ threshold('outlier_quantity_share') }} * nodes.import_amount as has_outliers
    from links
    inner join nodes
        on
            links.graph_number = nodes.graph_number
            and links.importer_number = nodes.party_number
    inner join parties on links.importer_number = parties.party_number
    where
        case
            when links.network_measure = 'value'
                then nodes.import_amount >= {{ threshold('de_minimis_usd') }}
            else
                nodes.import_amount >= {{ threshold('small_importer_tonnes') }} * 1000000
                -- As in import dependency: of all that is bought, and of what the origin sells.
                and {{ is_weighed(
                    'nodes.imports_usd - nodes.imports_unweighed_usd', 'nodes.imports_usd'
                ) }}
                and {{ is_weighed('links.value_usd - links.unweighed_usd', 'links.value_usd') }}
        end

),

largest as (

    select
        graph_number,
        exporter_number,
        max(share) as share
    from purchases
    group by graph_number, exporter_number

),

most_dependent as (

    select
        largest.graph_number,
        largest.exporter_number,
        largest.share,
        min(purchases.importer_id) as importer_id,
        min_by(purchases.has_outliers, purchases.importer_id) as has_outliers
    from largest
    inner join purchases
        on {{ same_key('largest', 'purchases', ['graph_number', 'exporter_number', 'share']) }}
    group by largest.graph_number, largest.exporter_number, largest.share

),

-- Another series of the publisher tells otherwise of whom a party buys from, or of what its most
-- dependent buyer has of it.
contradicted_imports as (

    select
        graphs.graph_number,
        conflicts.importer_number,
        conflicts.origin_number
    from graphs
    inner join {{ ref('int_trade__series_conflicts') }} as conflicts
        on {{ same_key('graphs', 'conflicts', ['series_number', 'reference_year']) }}

),

contradicted_parties as (

    select
        graph_number,
        importer_number as party_number
    from contradicted_imports
    union
    select
        contradicted_imports.graph_number,
        contradicted_imports.origin_number as party_number
    from contradicted_imports
    inner join parties on contradicted_imports.importer_number = parties.party_number
    inner join most_dependent
        on
            contradicted_imports.graph_number = most_dependent.graph_number
            and contradicted_imports.origin_number = most_dependent.exporter_number
            and parties.party_id = most_dependent.importer_id

),

node_figures as (

    select
        nodes.*,
        case when nodes.measure <> 'value' then nodes.export_amount end as exports_g,
        -- Who buys without a weight has bought something.
        case
            when nodes.measure <> 'value' and (nodes.import_amount > 0 or nodes.supplier_count = 0)
                then nodes.import_amount
        end as imports_g,
        case
            when named_graphs.graph_number is null then 'not_published'
            when balances.is_withheld then 'withheld'
            when balances.is_named then 'named'
            else 'not_named'
        end as production_status,
        case when balances.is_named and not balances.is_withheld then balances.production_g end
            as production_g,
        graphs.unnamed_rest_g
    from nodes
    inner join graphs on nodes.graph_number = graphs.graph_number
    left join named_graphs on nodes.graph_number = named_graphs.graph_number
    left join balances
        on {{ same_key('nodes', 'balances', ['graph_number', 'party_number']) }}

),

with_role_reason as (

    select
        *,
        case
            when measure = 'value' then 'tonnage_not_published'
            when production_status = 'not_published' then 'no_production_by_country'
            when production_status = 'withheld' then 'own_production_withheld'
            when production_status = 'not_named' and unnamed_rest_g is null
                then 'no_world_total'
        end as role_null_reason,
        case
            when measure = 'value' then 'tonnage_not_published'
            when production_status = 'not_published' then 'no_production_by_country'
            when production_status = 'withheld' then 'own_production_withheld'
            when production_status = 'not_named' then 'country_not_named'
        end as traced_null_reason
    from node_figures

),

with_bounds as (

    select
        *,
        case
            when role_null_reason is null
                then greatest(0, exports_g - coalesce(production_g, unnamed_rest_g))
        end as beyond_g_lower,
        case
            when role_null_reason is null then greatest(0, exports_g - coalesce(production_g, 0))
        end as beyond_g_upper
    from with_role_reason
    where export_amount > 0

),

answers as (

    select
        graphs.mineral_id,
        graphs.stage,
        graphs.reference_year,
        graphs.series_id,
        party.party_id as country_iso3,
        with_bounds.measure,
        with_bounds.imports_g / 1e6 as imports_tonnes,
        with_bounds.exports_g / 1e6 as exports_tonnes,
        with_bounds.imports_usd as imports_value_usd,
        with_bounds.exports_usd as exports_value_usd,
        with_bounds.production_g / 1e6 as production_tonnes,
        with_bounds.production_status,
        (with_bounds.exports_g - with_bounds.imports_g) / 1e6 as net_exports_tonnes,
        case
            when with_bounds.role_null_reason is null
                then
                    (with_bounds.exports_g - with_bounds.imports_g)
                    / nullif(with_bounds.production_g, 0)
        end as net_exports_to_output_ratio,
        with_bounds.beyond_g_lower / 1e6 as exports_beyond_output_tonnes_lower,
        with_bounds.beyond_g_upper / 1e6 as exports_beyond_output_tonnes_upper,
        case
            when with_bounds.beyond_g_lower > with_bounds.import_amount then 'exceeds_supply'
            when with_bounds.beyond_g_lower > 0 then 're_exporter'
            when with_bounds.beyond_g_upper = 0 then 'sells_own_output'
            when with_bounds.role_null_reason is null then 'undecided'
        end as trade_role,
        {{ nine_digits(
            'least(with_bounds.import_amount, with_bounds.export_amount)'
            ~ ' / nullif(with_bounds.import_amount, 0)'
        ) }} as pass_through_share,
        with_bounds.supplier_count,
        with_bounds.buyer_count,
        centralities.reached_count as reached_country_count,
        centralities.betweenness,
        rank() over (
            partition by with_bounds.graph_number
            order by centralities.betweenness desc
        ) as betweenness_rank,
        {{ nine_digits(
            'with_bounds.export_amount / nullif(traded_amounts.amount - with_bounds.import_amount, 0)'
        ) }} as declared_loss_share,
        case
            when with_bounds.traced_null_reason is null
                then {{ nine_digits(
                    'coalesce(traced_amounts.amount, 0) / nullif(traded_amounts.amount - with_bounds.import_amount, 0)'
                ) }}
        end as traced_loss_share,
        most_dependent.importer_id as most_dependent_importer_id,
        {{ nine_digits('most_dependent.share') }} as most_dependent_importer_share,
        cells.production_source_id,
        {{ quality_flags({
            'basis_converted': 'cells.total_source_id is not null',
            'grade_heterogeneous': 'series.is_grade_heterogeneous',
            'lines_missing': 'series.has_missing_lines',
            'mixed_line': 'series.is_mixed_line',
            'production_wider_than_lines': 'cells.is_wider_than_lines',
            'series_break': 'series.is_series_break',
            'series_conflict': 'contradicted_parties.party_number is not null',
            'tonnage_partly_published':
                "with_bounds.measure = 'value'"
                ~ ' or with_bounds.exports_unweighed_usd > '
                ~ '(1 - ' ~ threshold('quantity_coverage_minimum') ~ ') * with_bounds.exports_usd'
                ~ ' or with_bounds.imports_unweighed_usd > '
                ~ '(1 - ' ~ threshold('quantity_coverage_minimum') ~ ') * with_bounds.imports_usd',
            'truncated_release': 'series.is_truncated_release',
            'unit_value_outlier':
                'with_bounds.export_outlier_g > ' ~ threshold('outlier_quantity_share')
                ~ ' * with_bounds.exports_g'
                ~ ' or with_bounds.import_outlier_g > ' ~ threshold('outlier_quantity_share')
                ~ ' * with_bounds.imports_g'
                ~ ' or most_dependent.has_outliers',
        }) }} as quality_flags,
        with_bounds.role_null_reason,
        with_bounds.traced_null_reason
    from with_bounds
    inner join graphs on with_bounds.graph_number = graphs.graph_number
    inner join traded_amounts on with_bounds.graph_number = traded_amounts.graph_number
    inner join parties as party on with_bounds.party_number = party.party_number
    inner join centralities
        on {{ same_key('with_bounds', 'centralities', ['graph_number', 'party_number']) }}
    inner join cells on {{ same_key('graphs', 'cells', ['mineral_id', 'stage', 'reference_year']) }}
    left join series on {{ same_key('graphs', 'series', ['series_number', 'reference_year']) }}
    left join contradicted_parties
        on {{ same_key('with_bounds', 'contradicted_parties', ['graph_number', 'party_number']) }}
    left join traced_amounts
        on {{ same_key('with_bounds', 'traced_amounts', ['graph_number', 'party_number']) }}
    left join most_dependent
        on
            with_bounds.graph_number = most_dependent.graph_number
            and with_bounds.party_number = most_dependent.exporter_number

),

final as (

    select * from answers
    union all by name
    select
        {%- for of in ['', 'role_', 'traced_'] %}
        coalesce(
            cells.null_reason,
            case when series.importer_bloc_id is not null then 'only_eu_declarations' end,
            'year_not_held'
        ) as {{ of }}null_reason,
        {%- endfor %}
        cells.mineral_id,
        cells.stage,
        cells.reference_year
    from cells
    left join series
        on
            {{ same_key('cells', 'series', ['mineral_id', 'stage', 'reference_year']) }}
            and series.series_level = 'mineral_stage' and series.is_current_series
            and series.importer_bloc_id is not null and cells.null_reason is null
    left join answers
        on {{ same_key('cells', 'answers', ['mineral_id', 'stage', 'reference_year']) }}
    where answers.mineral_id is null

)

{{ contract_columns() }}
order by mineral_id, stage, reference_year, country_iso3
