"""Properties of shares and scenarios on tables that nobody chose."""

from collections import Counter
from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from model_sql import built, filled

YEAR = 2024
SUPPLIER = 1
COUNTRIES = range(1, 7)
BLOC = 90
POOL = 50
GRAPH = 4
GRAMS = st.integers(0, 10**12)

Flows = dict[tuple[int, int], int]

flows_of = st.dictionaries(
    st.tuples(st.sampled_from(COUNTRIES), st.sampled_from(COUNTRIES)).filter(
        lambda pair: pair[0] != pair[1]
    ),
    st.integers(1, 10**12),
    max_size=14,
)
spares_of = st.dictionaries(st.sampled_from(COUNTRIES), GRAMS, max_size=5)
few = settings(max_examples=40, deadline=None)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def outcome(
    connection: duckdb.DuckDBPyConnection, links: Flows, spares: dict[int, int], depth: float
) -> tuple[dict[int, int], Flows]:
    """Loss of every importer, and what each receives from whom, by the models' own SQL."""
    filled(
        connection,
        {
            "int_disruption__scenario_cases": (
                "question_number integer, origin_view varchar, mineral_id varchar, stage varchar, "
                "reference_year integer, supplier_number integer, target_number integer, "
                "year_share double, loss_factor double, quantity_basis varchar, "
                "series_number integer, graph_number integer, base_number integer, "
                "feed_graph_number integer, production_source_id varchar, "
                "production_form varchar, production_basis varchar, "
                "consumption_null_reason varchar, null_reason varchar",
                [
                    (
                        1,
                        "declared_origin",
                        "tin",
                        "mine",
                        YEAR,
                        SUPPLIER,
                        None,
                        1.0,
                        depth,
                        "contained",
                        POOL,
                        GRAPH,
                        None,
                        None,
                        "source",
                        "form",
                        "basis",
                        "not_looked_through",
                        None,
                    )
                ],
            ),
            "int_look_through__graphs": (
                "graph_number integer, base_number integer, bloc_number integer, "
                "feed_graph_number integer",
                [],
            ),
            "int_look_through__node_origins": (
                "graph_number integer, party_number integer, origin_number integer, units bigint",
                [],
            ),
            "int_trade__measured_flows": (
                "pool_number integer, reference_year integer, exporter_number integer, "
                "importer_number integer, contained_g bigint, quantity_kg bigint, "
                "value_usd bigint, is_code_drift boolean, is_suspected_double_count boolean, "
                "is_current_edition boolean",
                [
                    (POOL, YEAR, seller, buyer, grams, None, 1, False, False, True)
                    for (seller, buyer), grams in links.items()
                ],
            ),
            "int_trade__missing_imports": (
                "importer_number integer, mineral_id varchar, stage varchar, "
                "reference_year integer, null_reason varchar",
                [],
            ),
            "int_trade__bloc_members_by_year": (
                "bloc_number integer, bloc_id varchar, member_number integer, "
                "reference_year integer",
                [],
            ),
            "int_look_through__node_balances": (
                "graph_number integer, party_number integer, production_g bigint, "
                "apparent_g bigint, value_usd bigint, value_weighed_usd bigint, exported_outlier_g bigint, "
                "is_named boolean, is_withheld boolean, feed_graph_number integer, fed_share double",
                [
                    (GRAPH, seller, grams, grams, 0, 0, 0, True, False, None, None)
                    for seller, grams in spares.items()
                ],
            ),
            "disruption_case": ("case_id varchar, has_spare boolean", [("some", True)]),
            "int_disruption__spares": (
                "mineral_id varchar, stage varchar, reference_year integer, origin_view varchar, "
                "party_number integer, spare_g double",
                [
                    ("tin", "mine", YEAR, "declared_origin", seller, grams)
                    for seller, grams in spares.items()
                ],
            ),
            "disruption_stock": ("importer_id varchar, stock_days integer", []),
            "int_trade__parties": ("party_number integer, party_id varchar", []),
        },
    )
    built(connection, "int_disruption__supply_links")
    built(connection, "int_disruption__gross_losses")
    built(connection, "int_disruption__spare_allocations")
    losses = connection.execute(
        "select importer_number, loss_g from int_disruption__gross_losses"
    ).fetchall()
    received = connection.execute(
        "select origin_number, importer_number, spare_g from int_disruption__spare_allocations "
        "where importer_number is not null"
    ).fetchall()
    return dict(losses), {(seller, buyer): grams for seller, buyer, grams in received}


def short(losses: dict[int, int], received: Flows) -> dict[int, int]:
    """What each importer still lacks."""
    got = Counter[int]()
    for (_, buyer), grams in received.items():
        got[buyer] += grams
    return {buyer: grams - got[buyer] for buyer, grams in losses.items()}


@few
@given(links=flows_of, spares=spares_of, depth=st.floats(0, 1))
def test_received_exceeds_neither_spare_nor_loss(
    connection: duckdb.DuckDBPyConnection, links: Flows, spares: dict[int, int], depth: float
) -> None:
    losses, received = outcome(connection, links, spares, depth)
    given_away = Counter[int]()
    for (seller, buyer), grams in received.items():
        given_away[seller] += grams
        assert grams > 0
        assert (seller, buyer) in links
    assert all(grams <= spares[seller] for seller, grams in given_away.items())
    assert all(grams >= 0 for grams in short(losses, received).values())


@few
@given(links=flows_of, spares=spares_of)
def test_depth_0_loses_nothing(
    connection: duckdb.DuckDBPyConnection, links: Flows, spares: dict[int, int]
) -> None:
    losses, received = outcome(connection, links, spares, 0.0)
    assert not any(losses.values())
    assert not received


@few
@given(links=flows_of, spares=spares_of, depths=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_a_deeper_cut_never_loses_less(
    connection: duckdb.DuckDBPyConnection,
    links: Flows,
    spares: dict[int, int],
    depths: tuple[float, float],
) -> None:
    shallow, deep = (
        outcome(connection, links, spares, depth) for depth in (min(depths), max(depths))
    )
    assert all(deep[0][buyer] >= grams for buyer, grams in shallow[0].items())
    # Each round rounds down to whole grams, and six rounds may each do so for six sellers.
    shortfalls = short(*deep)
    assert all(shortfalls[buyer] >= grams - 36 for buyer, grams in short(*shallow).items())


def imported(
    connection: duckdb.DuckDBPyConnection, flows: Flows, members: tuple[int, ...]
) -> dict[tuple[int, int], float]:
    """Share of each origin in each importer's imports from outside; the bloc is importer 90."""
    filled(
        connection,
        {
            "int_trade__measured_flows": (
                "line_number integer, pool_number integer, reference_year integer, "
                "exporter_number integer, importer_number integer, value_usd bigint, "
                "quantity_kg bigint, contained_g bigint, contained_low_g bigint, "
                "contained_high_g bigint, contained_factor_key varchar, "
                "is_unit_value_outlier boolean, is_suspected_double_count boolean, is_code_drift boolean, "
                "stage varchar, is_current_edition boolean, trader_codes integer",
                [
                    (
                        5,
                        None,
                        YEAR,
                        seller,
                        buyer,
                        grams,
                        *[None] * 5,
                        *[False] * 3,
                        "mine",
                        True,
                        1,
                    )
                    for (seller, buyer), grams in flows.items()
                ],
            ),
            "int_trade__series": (
                "series_number integer, series_level varchar, series_id varchar, "
                "is_partial_partners boolean, is_kept_beside boolean, importer_bloc_id varchar",
                [(5, "hs6", "hs92", False, False, None)],
            ),
            "int_trade__series_by_year": (
                "series_number integer, reference_year integer, is_current_series boolean, "
                "is_kept_beside boolean, line_count integer",
                [(5, YEAR, True, False, 1)],
            ),
            "stg_reference__stages": ("stage varchar, stage_order integer", [("mine", 1)]),
            "int_trade__bloc_members_by_year": (
                "bloc_number integer, bloc_id varchar, member_number integer, "
                "reference_year integer",
                [(BLOC, "G7", member, YEAR) for member in members],
            ),
        },
    )
    built(connection, "int_trade__imports_by_origin")
    rows = connection.execute(
        "select importer_number, origin_number, value_usd from int_trade__imports_by_origin "
        "where not is_inside and not is_bloc_origin"
    ).fetchall()
    totals = Counter[int]()
    for importer, _, value in rows:
        totals[importer] += value
    return {(importer, origin): value / totals[importer] for importer, origin, value in rows}


@few
@given(flows=flows_of, inside=st.integers(1, 10**12))
def test_a_flow_inside_a_bloc_changes_no_share_of_the_bloc(
    connection: duckdb.DuckDBPyConnection, flows: Flows, inside: int
) -> None:
    members = (2, 3, 4)
    before = imported(connection, flows, members)
    after = imported(connection, flows | {(2, 3): inside}, members)
    ours = [share for share in before if share[0] == BLOC]
    assert [before[share] for share in ours] == [after[share] for share in ours]
    assert not [share for share in after if share[0] == BLOC and share not in before]


@few
@given(flows=flows_of, order=st.permutations(list(COUNTRIES)), factor=st.integers(2, 1000))
def test_other_names_and_units_change_no_share_of_imports(
    connection: duckdb.DuckDBPyConnection, flows: Flows, order: list[int], factor: int
) -> None:
    renamed = dict(zip(COUNTRIES, order, strict=True)) | {BLOC: BLOC}
    members = (2, 3, 4)
    before = imported(connection, flows, members)
    after = imported(
        connection,
        {(renamed[a], renamed[b]): grams * factor for (a, b), grams in flows.items()},
        tuple(renamed[member] for member in members),
    )
    expected = {(renamed[a], renamed[b]): share for (a, b), share in before.items()}
    assert after == pytest.approx(expected)


def traced(
    connection: duckdb.DuckDBPyConnection, flows: Flows, made: dict[int, int]
) -> dict[tuple[int, int], int]:
    """Units of 1e-15 of each node's supply by origin; 0 and below have none."""
    bought, sold = Counter[int](), Counter[int]()
    for (seller, buyer), grams in flows.items():
        bought[buyer] += grams
        sold[seller] += grams
    parts = []
    for node in {*bought, *sold, *made}:
        own = made.get(node, 0)
        supply = max(own + bought[node], sold[node])
        if not supply:
            continue
        is_sold_on = sold[node] > 0
        gap = supply - own - bought[node]
        parts.append((1, node, node, own / supply, is_sold_on))
        parts.append((1, -2 if node in made else -1, node, gap / supply, is_sold_on))
        parts.extend(
            (1, seller, node, grams / supply, is_sold_on)
            for (seller, buyer), grams in flows.items()
            if buyer == node
        )
    filled(
        connection,
        {
            "int_look_through__edges": (
                "graph_number integer, exporter_number integer, importer_number integer, "
                "supply_share double, is_sold_on boolean",
                parts,
            ),
        },
    )
    built(connection, "int_look_through__node_origins")
    rows = connection.execute(
        "select party_number, origin_number, units from int_look_through__node_origins"
    ).fetchall()
    return {(node, origin): units for node, origin, units in rows}


@settings(max_examples=15, deadline=None)
@given(
    flows=flows_of,
    made=st.dictionaries(st.sampled_from(COUNTRIES), st.integers(1, 10**12), max_size=4),
    order=st.permutations(list(COUNTRIES)),
    factor=st.integers(2, 1000),
)
def test_a_look_through_loses_nothing_and_knows_no_names_or_units(
    connection: duckdb.DuckDBPyConnection,
    flows: Flows,
    made: dict[int, int],
    order: list[int],
    factor: int,
) -> None:
    """Cycles, hubs without production, and exports above production plus imports among them."""
    before = traced(connection, flows, made)
    whole = Counter[int]()
    for (node, _), units in before.items():
        whole[node] += units
    assert all(abs(units - 10**15) < 1000 for units in whole.values())
    renamed = dict(zip(COUNTRIES, order, strict=True))
    after = traced(
        connection,
        {(renamed[a], renamed[b]): grams * factor for (a, b), grams in flows.items()},
        {renamed[node]: grams * factor for node, grams in made.items()},
    )
    expected = {
        (renamed[node], renamed.get(origin, origin)): units
        for (node, origin), units in before.items()
    }
    assert {key for key, units in after.items() if units > 1000} <= set(expected)
    assert all(abs(after.get(key, 0) - units) < 1000 for key, units in expected.items())
