"""Betweenness and reach of the trade network: on networks done by hand, and beside networkx."""

import importlib.util
import random
from collections.abc import Sequence

import duckdb
import networkx
import pytest

from dagster_project.settings import PROJECT_ROOT

MODEL = (
    PROJECT_ROOT / "dbt" / "models" / "intermediate" / "network" / "int_network__centralities.py"
)
Link = tuple[int, int, int, int | None]


class Dbt:
    """As dbt is given to a Python model: one table of edges."""

    def __init__(self, links: duckdb.DuckDBPyRelation) -> None:
        self.links = links

    def config(self, **_: object) -> None:
        """Settings are dbt's affair."""

    def ref(self, name: str) -> duckdb.DuckDBPyRelation:
        assert name == "int_look_through__edges"
        return self.links


def centralities(links: Sequence[Link]) -> dict[tuple[int, int], tuple[float, int]]:
    """Betweenness and reach by graph and party."""
    spec = importlib.util.spec_from_file_location("centralities", MODEL)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with duckdb.connect() as connection:
        connection.execute(
            "create table link (graph_number int, exporter_number int, importer_number int, "
            "network_amount bigint)"
        )
        if links:
            connection.executemany("insert into link values (?, ?, ?, ?)", list(links))
        table = module.model(Dbt(connection.table("link")), connection)
        assert table.column_names == [
            *("graph_number", "party_number", "betweenness", "reached_count"),
        ]
        return {
            (row["graph_number"], row["party_number"]): (row["betweenness"], row["reached_count"])
            for row in table.to_pylist()
        }


def test_the_short_way_leads_through_who_trades_much() -> None:
    """From 1 to 3 it is 1/10 + 1/10 through 2 and 1 straight on: one pair of two, 1 to 3 and 3 to 1."""
    found = centralities([(1, 1, 2, 10), (1, 2, 3, 10), (1, 1, 3, 1)])
    assert found == {(1, 1): (0.0, 2), (1, 2): (0.5, 1), (1, 3): (0.0, 0)}


def test_no_trade_at_all_is_no_row_and_no_error() -> None:
    """As of a day on which no edition of trade was out."""
    assert centralities([]) == {}


def test_two_ways_of_one_length_count_by_half() -> None:
    """Of the six pairs of others, 2 and 3 stand between one, by half each; the straight way of 1/4 is long."""
    found = centralities([(1, 1, 2, 40), (1, 2, 4, 10), (1, 1, 3, 16), (1, 3, 4, 16), (1, 1, 4, 4)])
    assert {party: value for (_, party), (value, _) in found.items()} == {
        1: 0.0, 2: round(1 / 12, 9), 3: round(1 / 12, 9), 4: 0.0,
    }  # fmt: skip


def test_a_link_without_a_weight_is_no_path_but_reaches_and_graphs_stay_apart() -> None:
    """1 sells to 2, and 2 to 3 at a weight that nobody published: both get to 3, by no shortest path."""
    found = centralities([(1, 1, 2, 1), (1, 2, 3, 0), (1, 3, 3, None), (2, 3, 1, 1)])
    assert found == {(1, 1): (0.0, 2), (1, 2): (0.0, 1), (2, 1): (0.0, 0), (2, 3): (0.0, 1)}


def test_goods_that_come_back_do_not_reach_the_seller_itself() -> None:
    """1, 2 and 3 sell in a circle, and 3 to 4 without a weight: each gets to the two others and to 4."""
    found = centralities([(1, 1, 2, 5), (1, 2, 3, 5), (1, 3, 1, 5), (1, 3, 4, 0)])
    assert {party: reached for (_, party), (_, reached) in found.items()} == {1: 3, 2: 3, 3: 3}


@pytest.mark.parametrize("seed", range(12))
def test_random_networks_have_the_figures_of_networkx(seed: int) -> None:
    """Few amounts, so that many paths are equally long; sparse ones, so that not all is reached."""
    chance = random.Random(seed)
    parties = range(chance.randint(6, 25))
    part = chance.choice([0.05, 0.1, 0.3, 0.8])
    links = [
        (1, exporter, importer, chance.choice([1, 2, 4, 8, 1000]))
        for exporter in parties
        for importer in parties
        if exporter != importer and chance.random() < part
    ]
    graph = networkx.DiGraph()
    graph.add_weighted_edges_from(
        (exporter, importer, -(-(10**18) // amount)) for _, exporter, importer, amount in links
    )
    between = networkx.betweenness_centrality(graph, weight="weight")
    assert centralities(links) == {
        (1, party): (
            pytest.approx(between[party], abs=1.1e-9),
            len(networkx.descendants(graph, party)),
        )
        for party in graph
    }
