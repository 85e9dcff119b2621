{#-
    Supply of every node of a graph, what it keeps of it, and what part of its output is covered by the ore and
    intermediates that it is seen to have (`fed_share`): all of it where they are more, none where it has no feed
    that we know of. Null where its graph has no feed.
-#}
with

edges as (

    select
        *,
        exporter_number = importer_number as is_own,
        exporter_number < 0 as is_gap
    from {{ ref('int_look_through__edges') }}

),

graphs as (select * from {{ ref('int_look_through__graphs') }}),

ends as (

    select
        graph_number,
        importer_number as party_number,
        case when is_own then mass_g else 0 end as production_g,
        case when is_own or is_gap then 0 else mass_g end as imports_g,
        mass_g as supply_g,
        0 as exports_g,
        value_usd,
        value_weighed_usd,
        outlier_g,
        0 as exported_outlier_g,
        case when is_own then supply_share else 0 end as own_share,
        is_named,
        is_withheld
    from edges
    union all
    select
        graph_number,
        exporter_number as party_number,
        0 as production_g,
        0 as imports_g,
        0 as supply_g,
        mass_g as exports_g,
        0 as value_usd,
        0 as value_weighed_usd,
        0 as outlier_g,
        outlier_g as exported_outlier_g,
        0 as own_share,
        false as is_named,
        false as is_withheld
    from edges
    where not is_own and not is_gap

),

balances as (

    select
        graph_number,
        cast(party_number as smallint) as party_number,
        bool_or(is_named) as is_named,
        bool_or(is_withheld) as is_withheld,
        {%- for measure in [
            'production_g', 'imports_g', 'exports_g', 'supply_g', 'value_usd', 'value_weighed_usd',
            'outlier_g', 'exported_outlier_g'
        ] %}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {%- endfor %}
        cast(sum(supply_g) - sum(exports_g) as bigint) as apparent_g,
        cast(max(own_share) as double) as own_share
    from ends
    group by graph_number, party_number

)

select
    node.*,
    graphs.feed_graph_number,
    case
        when graphs.feed_graph_number is null then null
        when node.production_g = 0 or feed.party_number is null or feed.is_withheld
            then cast(0 as double)
        when feed.apparent_g >= node.production_g then cast(1 as double)
        else feed.apparent_g / node.production_g
    end as fed_share
from balances as node
inner join graphs on node.graph_number = graphs.graph_number
left join balances as feed
    on
        graphs.feed_graph_number = feed.graph_number
        and node.party_number = feed.party_number
