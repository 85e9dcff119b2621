"""The trade network beside BACI's own file, added up by hand (awk), and beside betweenness done another way."""

from itertools import product

import duckdb
import pytest

pytestmark = pytest.mark.slow
EXACT = 1e-6
# Sums over the lines of BACI_HS92_Y2024_V202601.csv: 810600 (bismuth, gross is metal), 283691 x 0.1879 + 282520 x
# 0.1654 (lithium). Exports: tonnes, thousand dollars, buyers; then imports: tonnes, thousand dollars, suppliers.
SUMMED = {
    ("bismuth", "USA"): (589.874, 10545.052, 59, 1841.891, 20756.890, 23),
    ("bismuth", "CHN"): (3490.808, 39670.496, 52, 527.434, 9419.591, 16),
    ("bismuth", "DEU"): (288.263, 5392.694, 59, 1119.963, 14362.760, 23),
    ("bismuth", "NLD"): (357.374, 3955.862, 38, 529.283, 2619.423, 23),
    ("lithium", "NLD"): (763.902, 47316.106, 57, 1811.827, 125268.975, 37),
    ("lithium", "CHL"): (49103.040, 3098761.651, 48, 3.600, 343.262, 8),
}
# All trade of the year, tonnes.
TRADED = {"bismuth": 6852.502, "lithium": 92177.065}


@pytest.mark.parametrize("case", SUMMED)
def test_nodes_are_the_sums_of_their_lines(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str]
) -> None:
    sold, sold_kusd, buyers, bought, bought_kusd, suppliers = SUMMED[case]
    [row] = release.execute(
        "select exports_tonnes, exports_value_usd / 1000, buyer_count, imports_tonnes, "
        "imports_value_usd / 1000, supplier_count, net_exports_tonnes, pass_through_share, "
        "declared_loss_share from marts.mart_trade_network "
        "where mineral_id = ? and country_iso3 = ? and stage = 'refined' and reference_year = 2024",
        list(case),
    ).fetchall()
    assert row[:7] == (
        pytest.approx(sold, abs=0.001), pytest.approx(sold_kusd, abs=0.06), buyers,
        pytest.approx(bought, abs=0.001), pytest.approx(bought_kusd, abs=0.06), suppliers,
        pytest.approx(sold - bought, abs=0.001),
    )  # fmt: skip
    assert row[7] == pytest.approx(min(sold, bought) / bought, abs=EXACT)
    assert row[8] == pytest.approx(sold / (TRADED[case[0]] - bought), abs=EXACT)


def test_who_makes_nothing_and_sells_is_a_re_exporter(release: duckdb.DuckDBPyConnection) -> None:
    """USGS prints a dash for American refining of bismuth in 2024, and 14,000 t for China's."""
    rows = release.execute(
        "select country_iso3, production_tonnes, exports_beyond_output_tonnes_lower, trade_role, "
        "traced_loss_share, most_dependent_importer_id, most_dependent_importer_share "
        "from marts.mart_trade_network where mineral_id = 'bismuth' and stage = 'refined' "
        "and reference_year = 2024 and country_iso3 in ('USA', 'CHN') order by country_iso3"
    ).fetchall()
    assert [row[:5] for row in rows[1:]] == [
        ("USA", 0, pytest.approx(589.874, abs=0.001), "re_exporter", 0)
    ]
    assert rows[0][1:4] == (14_000, 0, "sells_own_output")
    # India buys 443.431 of 489.691 t from China, China 203.542 of 527.434 t from the United States.
    assert [row[5:] for row in rows] == [
        ("IND", pytest.approx(443.431 / 489.691, abs=EXACT)),
        ("CHN", pytest.approx(203.542 / 527.434, abs=EXACT)),
    ]


def _between(links: dict[tuple[str, str], int]) -> dict[str, float]:
    """Betweenness by Floyd and Warshall: all distances, with the number of shortest paths of each pair."""
    names = sorted({name for pair in links for name in pair})
    far = 10**30
    lengths = {pair: links.get(pair, far) for pair in product(names, names)}
    paths = {pair: int(pair in links) for pair in lengths}
    for middle in names:
        ins = [name for name in names if name != middle and lengths[name, middle] < far]
        outs = [name for name in names if name != middle and lengths[middle, name] < far]
        for start, end in product(ins, outs):
            if start == end:
                continue
            length = lengths[start, middle] + lengths[middle, end]
            if length < lengths[start, end]:
                lengths[start, end], paths[start, end] = length, 0
            if length == lengths[start, end]:
                paths[start, end] += paths[start, middle] * paths[middle, end]
    found = dict.fromkeys(names, 0.0)
    for middle in names:
        ins = [name for name in names if name != middle and lengths[name, middle] < far]
        outs = [name for name in names if name != middle and lengths[middle, name] < far]
        for start, end in product(ins, outs):
            length = lengths[start, middle] + lengths[middle, end]
            if start != end and length == lengths[start, end]:
                ways = paths[start, middle] * paths[middle, end]
                found[middle] += ways / paths[start, end]
    pairs = (len(names) - 1) * (len(names) - 2)
    return {name: value / pairs for name, value in found.items()}


@pytest.mark.shared
def test_betweenness_is_that_of_baci_done_another_way(
    baci: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    rows = baci.execute(
        "select exporter_iso3, importer_iso3, kg from flow where revision = 'HS92' "
        "and reference_year = 2024 and hs6 = '810600' and kg > 0"
    ).fetchall()
    # Ceilings of 1e18 over grams.
    expected = _between({(seller, buyer): -(-(10**15) // kg) for seller, buyer, kg in rows})
    found = dict(
        release.execute(
            "select country_iso3, betweenness from marts.mart_trade_network "
            "where mineral_id = 'bismuth' and reference_year = 2024"
        ).fetchall()
    )
    assert len(found) == 50
    assert found == {name: pytest.approx(expected[name], abs=EXACT) for name in found}


def test_every_cell_of_the_look_through_has_a_network_or_a_reason(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Gallium and germanium lie in mixed lines: no hub of theirs can be seen, Hong Kong neither.

    Of lithium's ores only what the EU declares is held.
    """
    rows = release.execute(
        "select distinct mineral_id, null_reason from marts.mart_trade_network "
        "where mineral_id in ('gallium', 'germanium', 'lithium') order by mineral_id, null_reason nulls first"
    ).fetchall()
    assert rows == [
        ("gallium", "only_mixed_lines"), ("germanium", "only_mixed_lines"), ("lithium", None),
        ("lithium", "only_eu_declarations"),
    ]  # fmt: skip
