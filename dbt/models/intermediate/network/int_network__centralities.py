"""Betweenness and reach of each country in each trade graph."""

import heapq


def model(dbt, session):  # noqa: ARG001 (dbt calls it with both)
    """One row per graph and party of the trade network: edges with a `network_amount` above 0.

    `betweenness` is the part of all ordered pairs of other countries whose shortest path runs through
    the country; `reached_count` how many countries its goods get to, directly or through others, also
    over edges whose amount is 0: something was sold, and its weight is not published.
    """
    # Here and not above: dbt reads this file whenever it parses, and has pyarrow loaded only when it runs.
    import pyarrow

    dbt.config(materialized="table")
    edges = dbt.ref("int_look_through__edges")
    links = (
        edges.filter("network_amount > 0")
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
    graphs: dict[int, dict[int, list[tuple[int, int]]]] = {}
    for number, exporter, importer, distance in links.fetchall():
        ways = graphs.setdefault(number, {})
        ways.setdefault(exporter, []).append((importer, distance))
        ways.setdefault(importer, [])
    sold = edges.filter("network_amount is not null").project(
        "graph_number, exporter_number, importer_number"
    )
    buyers: dict[int, dict[int, list[int]]] = {}
    for number, exporter, importer in sold.fetchall():
        buyers.setdefault(number, {}).setdefault(exporter, []).append(importer)
    rows = []
    for number, ways in sorted(graphs.items()):
        between = betweenness(ways)
        reached = reached_counts(buyers[number])
        rows += [
            {
                "graph_number": number,
                "party_number": party,
                "betweenness": round(between[party], 9),
                "reached_count": reached.get(party, 0),
            }
            for party in sorted(ways)
        ]
    # Named, for as of a day on which no trade was out there is no row.
    columns = {
        "graph_number": pyarrow.int64(),
        "party_number": pyarrow.int64(),
        "betweenness": pyarrow.float64(),
        "reached_count": pyarrow.int64(),
    }
    return pyarrow.Table.from_pylist(rows, schema=pyarrow.schema(columns))


def reached_counts(buyers: dict[int, list[int]]) -> dict[int, int]:
    """How many others the goods of each party that sells get to, by Warshall's algorithm (1962).

    Args:
        buyers: of each party that sells, to whom.
    """
    bits = {party: 1 << place for place, party in enumerate(buyers)}
    for importers in buyers.values():
        for importer in importers:
            bits.setdefault(importer, 1 << len(bits))
    reach = {
        party: sum(bits[importer] for importer in set(importers))
        for party, importers in buyers.items()
    }
    for through in buyers:
        for party in buyers:
            if reach[party] & bits[through]:
                reach[party] |= reach[through]
    return {party: (reach[party] & ~bits[party]).bit_count() for party in buyers}


def betweenness(ways: dict[int, list[tuple[int, int]]]) -> dict[int, float]:
    """Betweenness of each party.

    Brandes' algorithm ("A faster algorithm for betweenness centrality", 2001): the shortest paths from each
    party by Dijkstra's, then what stands behind each party on them, from the farthest back.

    Args:
        ways: of each party the importers that it sells to, each with its distance.
    """
    between = dict.fromkeys(ways, 0.0)
    for exporter in ways:
        nearest = {exporter: 0}
        path_count = {exporter: 1}
        before: dict[int, list[int]] = {exporter: []}
        # By distance. A party that lay farther away when it was first seen waits twice.
        found: dict[int, int] = {}
        waiting = [(0, exporter)]
        while waiting:
            so_far, party = heapq.heappop(waiting)
            if party in found:
                continue
            found[party] = so_far
            for importer, distance in ways[party]:
                total = so_far + distance
                known = nearest.get(importer)
                if known is None or total < known:
                    nearest[importer] = total
                    path_count[importer] = path_count[party]
                    before[importer] = [party]
                    heapq.heappush(waiting, (total, importer))
                elif total == known:
                    path_count[importer] += path_count[party]
                    before[importer].append(party)
        # Of all importers behind a party the part of whose shortest paths runs through it.
        behind = dict.fromkeys(found, 0.0)
        for party in reversed(found):
            part = (1 + behind[party]) / path_count[party]
            for earlier in before[party]:
                behind[earlier] += path_count[earlier] * part
            if party != exporter:
                between[party] += behind[party]
    pair_count = (len(ways) - 1) * (len(ways) - 2)
    if pair_count:
        between = {party: sum_of_parts / pair_count for party, sum_of_parts in between.items()}
    return between
