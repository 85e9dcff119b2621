"""Supply without its leader, and turning away from one: by hand, from the publishers' files, and by rearranging.

What the IEA prints of copper in May 2025, thousand tonnes: refined 2024 26,944, of which China 11,860; demand
26,717.22. Its own N-1 figures for 2035, printed in words in the Outlook: graphite and rare earths 35 to 40%,
nickel below 55%, lithium and cobalt 65%, copper nearly covered. They take each leader's own demand away, which
nobody prints: ours, without that, must lie below.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

import duckdb
import pytest

from dagster_project.operations.dbt_runner import run_dbt
from tests.defs._workspace import working_in
from tests.failure._helpers import build_of, copied, writing
from tests.golden.cells import f7_cells

pytestmark = pytest.mark.slow

# What one origin sold, and what all others did.
Pair = tuple[float, float]
IEA_REFINED, IEA_CHINA, IEA_DEMAND = 26_944.0, 11_860.0, 26_717.22
MODELS = [
    "int_diversification__window_imports",
    "int_diversification__comparison_cases",
    "int_diversification__share_changes",
    "mart_diversification",
]
# Refined minerals: what the IEA prints for 2035 at most; our bound by hand from its table and STEPS demand.
IEA_2035 = {
    "cobalt": (0.65, (333_394.0 - 254_457.8) / 328_761.1),
    "copper": (1.0, (31_913.0 - 15_688.0) / 32_634.4672),
    "lithium": (0.65, (461_196.2 - 281_854.3) / 694_592.8),
    "nickel": (0.55, (4_427.958 - 2_045.3) / 5_129.8948),
    "rare_earths": (0.40, (114_500.7 - 86_444.7) / 140_119.7),
}


@pytest.mark.shared
def test_copper_without_china_is_three_tenths_over(
    baci: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    """Cathodes count as pure in the middle, 95% at least: China's exports at least, its imports at most."""
    bought, sold = baci.execute(
        "select sum(kg) filter (importer_iso3 = 'CHN') / 1e6, "
        "sum(kg) filter (exporter_iso3 = 'CHN') / 1e6 from flow "
        "where revision = 'HS17' and hs6 = '740311' and reference_year = 2024"
    ).fetchall()[0]
    rest = IEA_REFINED - IEA_CHINA
    point = rest / (IEA_DEMAND - (IEA_CHINA + bought - sold))
    high = rest / (IEA_DEMAND - (IEA_CHINA + bought - 0.95 * sold))
    found = release.execute(
        "select demand_coverage_low, demand_coverage_point, demand_coverage_high from marts.mart_n_minus_1 "
        "where mineral_id = 'copper' and stage = 'refined' and edition = 'GCMO2025' "
        "and reference_year = 2024"
    ).fetchall()
    assert found == [pytest.approx((rest / IEA_DEMAND, point, high), rel=1e-6)]
    assert round(point, 1) == 1.3


def test_what_others_make_remains_where_the_total_is_rounded(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """MCS 2026, gallium of 2025: China 900 t, Japan 3, Russia 6, world "900". WMO 2025, magnesium: 950,000 of 1,045,000 t."""
    found = release.execute(
        "select mineral_id, remaining_supply_tonnes, remaining_supply_share from marts.mart_n_minus_1 "
        "where stage = 'refined' and (mineral_id, edition, reference_year) in "
        "(('gallium', 'MCS2026', 2025), ('magnesium', 'WMO2025', 2024)) order by 1"
    ).fetchall()
    assert found == [
        ("gallium", pytest.approx(9), pytest.approx(9 / 909)),
        ("magnesium", pytest.approx(95_000), pytest.approx(95 / 1045)),
    ]


def test_our_bounds_of_2035_lie_below_the_ieas_points(release: duckdb.DuckDBPyConnection) -> None:
    found = dict(
        release.execute(
            "select mineral_id, demand_coverage_low from marts.mart_n_minus_1 where stage = 'refined' "
            "and edition = 'GCMO2025' and reference_year = 2035 and demand_scenario = 'STEPS' "
            "and demand_coverage_low is not null"
        ).fetchall()
    )
    assert found == pytest.approx({name: low for name, (_, low) in IEA_2035.items()}, abs=1e-5)
    assert not [name for name, (printed, _) in IEA_2035.items() if found[name] >= printed]


def test_japans_shares_are_means_of_the_pages(release: duckdb.DuckDBPyConnection) -> None:
    """FIGURES.md F7, all rare earths by value: its yearly shares are rounded to a tenth of a point."""
    printed = {
        int(cell["reference_year"]): float(cell["expected"])
        for cell in f7_cells()
        if cell["figure_row"] == "all" and cell["measure"] == "value_percent"
    }
    ((then, now, latest, at, at_ratio),) = release.execute(
        "select share_base, share_now, share_latest, is_at_benchmark, is_at_benchmark_ratio "
        "from marts.mart_diversification where importer_id = 'JPN' and origin_id = 'CHN' "
        "and series_level = 'mineral_stage' and mineral_id = 'rare_earths' "
        "and base_id = 'shock_2010' and measure = 'value'"
    ).fetchall()
    assert 100 * then == pytest.approx(sum(printed[y] for y in (2007, 2008, 2009)) / 3, abs=0.06)
    assert 100 * now == pytest.approx(sum(printed[y] for y in (2022, 2023, 2024)) / 3, abs=0.06)
    assert round(100 * latest, 1) == printed[2024]
    assert (at, at_ratio) == (True, True)


def test_japan_meets_itself(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select measure, latest_change - benchmark_change, is_at_benchmark, is_at_benchmark_ratio "
        "from marts.mart_diversification where importer_id = 'JPN' and origin_id = 'CHN' "
        "and series_level = 'mineral_stage' and mineral_id = 'rare_earths' "
        "and base_id = 'shock_2010' order by measure"
    ).fetchall()
    assert found == [("tonnes", 0, True, True), ("value", 0, True, True)]


def _share(own: float, others: float) -> float:
    return own / (own + others) if own + others else 0.0


def _split(then: Sequence[Pair], now: Sequence[Pair]) -> tuple[float, float, float, float]:
    """Mean shares then and now, and exit and growth: over all pairs of years, each move first and last."""
    exits, growths = 0.0, 0.0
    for v0, o0 in then:
        for v1, o1 in now:
            exits += _share(v1, o0) - _share(v0, o0) + _share(v1, o1) - _share(v0, o1)
            growths += _share(v0, o1) - _share(v0, o0) + _share(v1, o1) - _share(v1, o0)
    base = sum(_share(*pair) for pair in then) / len(then)
    latest = sum(_share(*pair) for pair in now) / len(now)
    pairs = 2 * len(then) * len(now)
    return base, latest, exits / pairs, growths / pairs


def test_change_is_split_as_the_imports_say(release: duckdb.DuckDBPyConnection) -> None:
    """Worked anew from the rows of mart_import_dependency: means, both effects, concentration, by value."""
    years = {"shock_2010": (2007, 2008, 2009), "controls_2023": (2019, 2020, 2021)}
    sold: dict[tuple[str, str, str], dict[int, float]] = {}
    bought: dict[tuple[str, str], dict[int, tuple[float, float]]] = {}
    for importer, line, year, origin, value, share, hhi in release.execute(
        "select importer_id, hs6, reference_year, origin_id, value_usd, value_share, supplier_hhi "
        "from marts.mart_import_dependency where series_level = 'hs6' and series_id = 'hs92' "
        "and is_current_series and value_share is not null "
        "and hs6 in ('284690', '280530', '250410', '810110', '260600') "
        "and importer_id in ('JPN', 'DEU', 'USA', 'EU27', 'MEETING_2026_01_12', 'G7', 'IND') "
        "and reference_year in (2007, 2008, 2009, 2019, 2020, 2021, 2022, 2023, 2024)"
    ).fetchall():
        sold.setdefault((importer, line, origin), {})[year] = value
        bought.setdefault((importer, line), {})[year] = (value / share, hhi)
    compared = release.execute(
        "select importer_id, hs6, base_id, origin_id, share_base, share_now, exit_effect, "
        "growth_effect, supplier_hhi_base, supplier_hhi_now from marts.mart_diversification "
        "where series_level = 'hs6' and measure = 'value' and null_reason is null "
        "and hs6 in ('284690', '280530', '250410', '810110', '260600') "
        "and importer_id in ('JPN', 'DEU', 'USA', 'EU27', 'MEETING_2026_01_12', 'G7', 'IND')"
    ).fetchall()
    assert len(compared) > 150
    for importer, line, base, origin, *got in compared:
        own = sold.get((importer, line, origin), {})
        all_of = bought[importer, line]
        then = [(own.get(y, 0.0), all_of[y][0] - own.get(y, 0.0)) for y in years[base]]
        now = [(own.get(y, 0.0), all_of[y][0] - own.get(y, 0.0)) for y in (2022, 2023, 2024)]
        expected = (
            *_split(then, now),
            sum(all_of[y][1] for y in years[base]) / 3,
            sum(all_of[y][1] for y in (2022, 2023, 2024)) / 3,
        )
        assert got == pytest.approx(expected, abs=1e-9), (importer, line, base, origin)


def test_japan_by_tonnes_is_what_the_page_works_out(release: duckdb.DuckDBPyConnection) -> None:
    """docs/methods/diversification.md: of 27 points 20 came of the others' growth."""
    rows = release.execute(
        "select quantity_tonnes_contained, quantity_tonnes_contained / quantity_share "
        "from marts.mart_import_dependency where importer_id = 'JPN' and origin_id = 'CHN' "
        "and series_level = 'mineral_stage' and mineral_id = 'rare_earths' and stage = 'refined' "
        "and is_current_series and reference_year in (2007, 2008, 2009, 2022, 2023, 2024) "
        "order by reference_year"
    ).fetchall()
    pairs = [(own, everybody - own) for own, everybody in rows]
    worked_out = _split(pairs[:3], pairs[3:])
    (found,) = release.execute(
        "select share_base, share_now, exit_effect, growth_effect, own_base, own_now, "
        "others_base, others_now from marts.mart_diversification where importer_id = 'JPN' "
        "and origin_id = 'CHN' and series_level = 'mineral_stage' and mineral_id = 'rare_earths' "
        "and base_id = 'shock_2010' and measure = 'tonnes'"
    ).fetchall()
    assert found[:4] == pytest.approx(worked_out, abs=1e-9)
    assert [round(part, 3) for part in worked_out] == [0.873, 0.603, -0.072, -0.197]
    assert [round(part) for part in found[4:]] == [18_541, 11_698, 2_558, 7_736]


# Every number that stands for a party or is summed, in the tables that the mart is built from.
RENUMBERED = {
    "int_trade__parties": ["party_number"],
    "int_trade__imports_by_origin": ["importer_number", "origin_number"],
    "int_trade__importer_years": ["importer_number"],
    "int_trade__bloc_members_by_year": ["bloc_number", "member_number"],
    "int_trade__series_conflicts": ["importer_number", "origin_number"],
    "int_trade__shares_at_corners": ["importer_number", "origin_number"],
}
VALUES = ["value_usd", "value_weighed_usd", "value_contained_usd"]
QUANTITIES = ["quantity_kg", "contained_g", "outlier_kg"]
COLUMNS = "describe marts.mart_diversification"
ROWS = (
    "select {columns} from marts.mart_diversification "
    "order by importer_id, series_level, hs6, mineral_id, stage, base_id, measure, origin_id"
)
# What follows the size of imports, and should.
SIZES = {"own_base", "own_now", "others_base", "others_now", "quality_flags"}


def _renumber(connection: duckdb.DuckDBPyConnection) -> None:
    """The last country becomes the first, and rows lie the other way round."""
    for table, columns in RENUMBERED.items():
        changed = ", ".join(f"cast(1000 - {c} as smallint) as {c}" for c in columns)
        connection.execute(
            f"create or replace table intermediate.{table} as "
            f"select * replace ({changed}) from intermediate.{table} order by {columns[0]} desc"
        )


def _scale(connection: duckdb.DuckDBPyConnection) -> None:
    """Three times the dollars, seven times the tonnes, of everybody."""
    for table in ("int_trade__imports_by_origin", "int_trade__importer_years"):
        times = [f"{column} = {column} * 3" for column in VALUES]
        times += [f"{column} = {column} * 7" for column in QUANTITIES]
        if table.endswith("years"):
            times += ["value_squared = value_squared * 9"]
        connection.execute(f"update intermediate.{table} set {', '.join(times)}")


def _alike(row: Sequence[object], other: Sequence[object]) -> bool:
    """The same but for the last digit: squared dollars add up to more than a double holds exactly."""
    return all(
        left == right
        or (isinstance(left, float) and isinstance(right, float) and abs(left - right) < 1e-12)
        for left, right in zip(row, other, strict=True)
    )


@pytest.mark.parametrize(
    ("rearrange", "left_out"),
    [(_renumber, set[str]()), (_scale, SIZES)],
    ids=["another order", "another size"],
)
def test_shares_know_neither_order_nor_size(
    rearrange: Callable[[duckdb.DuckDBPyConnection], None],
    left_out: set[str],
    few: Path,
    tmp_path: Path,
) -> None:
    """Which number a country has changes nothing at all; how much everybody buys changes sizes alone."""
    settings = copied(few, tmp_path / "data")
    build_id = build_of(settings)
    with writing(settings) as connection:
        names = [name for (name, *_) in connection.execute(COLUMNS).fetchall()]
        query = ROWS.format(columns=", ".join(name for name in names if name not in left_out))
        before = connection.execute(query).fetchall()
        rearrange(connection)
    with working_in(settings):
        outcomes = run_dbt(settings, build_id, select=MODELS)
    assert {outcome.status for outcome in outcomes} <= {"success", "pass"}
    with writing(settings) as connection:
        after = connection.execute(query).fetchall()
    assert len(before) > 10_000
    assert not [pair for pair in zip(before, after, strict=True) if not _alike(*pair)][:3]
