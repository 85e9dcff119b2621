"""Betweenness and reach of each country in each trade graph."""

from collections import defaultdict
from heapq import heappop, heappush


def centralities(links):
    """Betweenness and reach by party, of links (exporter, importer, distance); distances are whole numbers above zero.

    Brandes (2001): from each party the shortest paths to all others, nearest first, then back along them what share
    of paths runs through whom.
    """
    parties = sorted({party for exporter, importer, _ in links for party in (exporter, importer)})
    places = {party: place for place, party in enumerate(parties)}
    count = len(parties)
    out = [[] for _ in parties]
    for exporter, importer, length in links:
        out[places[exporter]].append((places[importer], length))
    between = [0.0] * count
    reached = []
    for source in range(count):
        distances = [float("inf")] * count
        paths = [0] * count
        before = [[] for _ in parties]
        distances[source], paths[source] = 0, 1
        settled = []
        waiting = [(0, source)]
        while waiting:
            distance, here = heappop(waiting)
            # A shorter way was found after this one.
            if distance > distances[here]:
                continue
            settled.append(here)
            for there, length in out[here]:
                through_here = distance + length
                if through_here < distances[there]:
                    distances[there], paths[there] = through_here, paths[here]
                    before[there] = [here]
                    heappush(waiting, (through_here, there))
                elif through_here == distances[there]:
                    paths[there] += paths[here]
                    before[there].append(here)
        reached.append(len(settled) - 1)
        rests_on = [0.0] * count
        for there in reversed(settled[1:]):
            between[there] += rests_on[there]
            each = (1 + rests_on[there]) / paths[there]
            for here in before[there]:
                rests_on[here] += paths[here] * each
    pairs = (count - 1) * (count - 2)
    return {
        party: (between[place] / pairs if pairs else 0.0, reached[place])
        for party, place in places.items()
    }


def model(dbt, session):  # noqa: ARG001 (dbt calls it with both)
    """One row per graph and party of the trade network: edges with a `network_amount`.

    `betweenness` is the part of all ordered pairs of other countries whose shortest path runs through
    the country; `reached_count` how many countries its goods get to, directly or through others.
    """
    # Here and not above: dbt reads this file whenever it parses.
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
        # The order in which doubles are added decides their last digits.
        .order("graph_number, exporter_number, importer_number")
    )
    graphs = defaultdict(list)
    for number, *link in links.fetchall():
        graphs[number].append(link)
    rows = [
        {
            "graph_number": number,
            "party_number": party,
            "betweenness": round(betweenness, 9),
            "reached_count": reached_count,
        }
        for number, found in sorted(graphs.items())
        for party, (betweenness, reached_count) in centralities(found).items()
    ]
    return pyarrow.Table.from_pylist(rows)
