"""Betweenness and reach of each country in each trade graph."""


def model(dbt, session):  # noqa: ARG001 (dbt calls it with both)
    """One row per graph and party of the trade network: edges with a `network_amount`.

    `betweenness` is the part of all ordered pairs of other countries whose shortest path runs through
    the country; `reached_count` how many countries its goods get to, directly or through others.
    """
    # Here and not above: dbt reads this file whenever it parses, and has networkx loaded only when it runs.
    import networkx
    import pyarrow

    dbt.config(materialized="table")
    links = (
        dbt.ref("int_look_through__edges")
        .filter("network_amount > 0")
        # Long where little is traded; whole numbers, so that paths compare exactly.
        .project(
            "graph_number, exporter_number, importer_number, "
            "cast(ceil(1e18 / network_amount) as bigint) as distance"
        )
        # Half of all links have a shorter way through one other country: no shortest path takes them.
        # The order in which doubles are added decides their last digits.
        .query(
            "edge",
            """
            select edge.*
            from edge
            left join (
                select
                    there.graph_number,
                    there.exporter_number,
                    onward.importer_number,
                    min(there.distance + onward.distance) as distance
                from edge as there
                inner join edge as onward
                    on
                        there.graph_number = onward.graph_number
                        and there.importer_number = onward.exporter_number
                group by all
            ) as through using (graph_number, exporter_number, importer_number)
            where through.distance is null or through.distance >= edge.distance
            order by all
            """,
        )
    )
    graphs: dict[int, networkx.DiGraph] = {}
    for number, exporter, importer, distance in links.fetchall():
        graph = graphs.setdefault(number, networkx.DiGraph())
        graph.add_edge(exporter, importer, distance=distance)
    rows = []
    for number, graph in sorted(graphs.items()):
        between = networkx.betweenness_centrality(graph, weight="distance")
        rows += [
            {
                "graph_number": number,
                "party_number": party,
                "betweenness": round(between[party], 9),
                "reached_count": len(networkx.descendants(graph, party)),
            }
            for party in sorted(graph)
        ]
    return pyarrow.Table.from_pylist(rows)
