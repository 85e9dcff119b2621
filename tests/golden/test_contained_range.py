"""Ranges of contained tonnes and their shares against the flows and the list of factors, worked out here.

One factor holds for all goods under its key, whoever ships it and when: between the ends of the ranges no drawn set
of factors gives a share outside of the printed range, and the ends themselves give its two ends.
"""

import csv
import itertools
import random
from collections import defaultdict

import duckdb
import pytest

from tests.golden.cells import REFERENCE

pytestmark = pytest.mark.slow

MOST_KEYS = 4
DRAWS = 500
# Importer, mineral and stage whose pool has several keys: the first is a bloc.
CASES = [
    ("EU27", "rare_earths", "refined"),
    ("JPN", "rare_earths", "refined"),
    ("EU27", "cobalt", "refined"),
    ("KOR", "vanadium", "refined"),
]
Masses = dict[str, dict[str, float]]


def _factors() -> dict[str, tuple[float, float, float]]:
    with (REFERENCE / "contained_factors.csv").open(encoding="utf-8", newline="") as handle:
        return {
            row["factor_key"]: (float(row["factor_low"]), float(row["factor"]), float(row["factor_high"]))
            for row in csv.DictReader(handle)
        }  # fmt: skip


FACTORS = _factors()


def _masses(
    release: duckdb.DuckDBPyConnection, importer: str, mineral: str, stage: str, year: int
) -> Masses:
    """Tonnes as shipped by origin and factor key; of a bloc those from outside it."""
    members = {
        member
        for (member,) in release.execute(
            "select country_iso3 from marts.bridge_bloc_member where bloc_id = ?", [importer]
        ).fetchall()
    } or {importer}
    masses: Masses = defaultdict(lambda: defaultdict(float))
    for buyer, origin, key, tonnes in release.execute(
        "select flow.importer_id, flow.exporter_id, flow.contained_factor_key, "
        "flow.quantity_tonnes_gross from marts.fct_trade as flow "
        "where flow.mineral_id = ? and flow.stage = ? and flow.reference_year = ? "
        "and not flow.is_suspected_double_count and flow.quantity_tonnes_contained is not null "
        "and coalesce(flow.quality_flags, '') not like '%code_drift%' and flow.series_id = ?",
        [mineral, stage, year, _series(release, importer, mineral, stage, year)],
    ).fetchall():
        if buyer in members and origin not in members:
            masses[origin][key] += tonnes
    return masses


def _series(
    release: duckdb.DuckDBPyConnection, importer: str, mineral: str, stage: str, year: int
) -> str:
    [(series_id,)] = release.execute(
        "select distinct series_id from marts.mart_import_dependency where importer_id = ? "
        "and mineral_id = ? and stage = ? and reference_year = ? and is_current_series "
        "and series_level = 'mineral_stage'",
        [importer, mineral, stage, year],
    ).fetchall()
    return series_id


def _share(masses: Masses, origin: str, factors: dict[str, float]) -> float:
    metal = {
        name: sum(tonnes * factors[key] for key, tonnes in keys.items())
        for name, keys in masses.items()
    }
    return metal[origin] / sum(metal.values())


@pytest.mark.parametrize(("importer", "mineral", "stage"), CASES)
@pytest.mark.parametrize("year", [2008, 2024])
def test_share_lies_between_the_ends_of_the_factors(
    release: duckdb.DuckDBPyConnection, importer: str, mineral: str, stage: str, year: int
) -> None:
    masses = _masses(release, importer, mineral, stage, year)
    keys = sorted({key for origin in masses.values() for key in origin})
    rows = release.execute(
        "select origin_id, quantity_share, quantity_share_low, quantity_share_high, "
        "quantity_tonnes_contained_low, quantity_tonnes_contained_high "
        "from marts.mart_import_dependency where importer_id = ? and mineral_id = ? and stage = ? "
        "and reference_year = ? and is_current_series and series_level = 'mineral_stage' "
        "and origin_kind = 'country' and quantity_share is not null",
        [importer, mineral, stage, year],
    ).fetchall()
    assert len(rows) > 5
    corners = [
        dict(zip(keys, ends, strict=True))
        for ends in itertools.product(*({FACTORS[key][0], FACTORS[key][2]} for key in keys))
    ]
    drawn = random.Random(year)
    inside = [
        {key: drawn.uniform(FACTORS[key][0], FACTORS[key][2]) for key in keys} for _ in range(DRAWS)
    ]
    for origin, share, low, high, tonnes_low, tonnes_high in rows:
        if origin not in masses:
            continue
        at_corners = [_share(masses, origin, factors) for factors in corners]
        assert low == pytest.approx(min(at_corners), abs=1e-6), origin
        assert high == pytest.approx(max(at_corners), abs=1e-6), origin
        assert low <= share <= high
        assert all(
            low - 1e-6 <= _share(masses, origin, factors) <= high + 1e-6 for factors in inside
        )
        for tonnes, end in ((tonnes_low, 0), (tonnes_high, 2)):
            metal = sum(mass * FACTORS[key][end] for key, mass in masses[origin].items())
            assert tonnes == pytest.approx(metal, abs=0.001), origin


def test_cerium_moves_the_eus_change(release: duckdb.DuckDBPyConnection) -> None:
    """Since 2007-09 from -16 points; by the low factor of cerium alone it is -30, which the range holds."""
    [(change, low, high)] = release.execute(
        "select share_change, share_change_low, share_change_high from marts.mart_diversification "
        "where importer_id = 'EU27' and mineral_id = 'rare_earths' and stage = 'refined' "
        "and series_level = 'mineral_stage' and base_id = 'shock_2010' and measure = 'tonnes' "
        "and origin_id = 'CHN'"
    ).fetchall()
    years = {
        year: _masses(release, "EU27", "rare_earths", "refined", year)
        for year in (2007, 2008, 2009, 2022, 2023, 2024)
    }
    keys = sorted({key for masses in years.values() for mass in masses.values() for key in mass})

    def moved(factors: dict[str, float]) -> float:
        shares = {year: _share(masses, "CHN", factors) for year, masses in years.items()}
        return (
            sum(shares[year] for year in (2022, 2023, 2024))
            - sum(shares[year] for year in (2007, 2008, 2009))
        ) / 3

    middle = {key: FACTORS[key][1] for key in keys}
    assert change == pytest.approx(moved(middle), abs=1e-6)
    by_cerium = [moved({**middle, "ce_reo": end}) for end in FACTORS["ce_reo"]]
    assert round(100 * change) == -16
    assert round(100 * min(by_cerium)) == -30
    corners = [
        moved(dict(zip(keys, ends, strict=True)))
        for ends in itertools.product(*({FACTORS[key][0], FACTORS[key][2]} for key in keys))
    ]
    assert low == pytest.approx(min(corners), abs=1e-6)
    assert high == pytest.approx(max(corners), abs=1e-6)
    # A change is no share: between the corners it could pass them, and does not by a tenth of a point.
    drawn = random.Random(16)
    for _ in range(DRAWS):
        factors = {key: drawn.uniform(FACTORS[key][0], FACTORS[key][2]) for key in keys}
        assert low - 0.001 <= moved(factors) <= high + 0.001


def test_pools_have_no_more_keys_than_places(release: duckdb.DuckDBPyConnection) -> None:
    """The sums of a pool are kept by four keys; a fifth would be left out of its ranges."""
    ranged = {key for key, (low, _, high) in FACTORS.items() if low < high}
    pools: dict[tuple[str, str, str], set[str]] = defaultdict(set)
    for mineral, stage, series, key in release.execute(
        "select distinct mineral_id, stage, series_id, contained_factor_key from marts.fct_trade "
        "where contained_factor_key is not null"
    ).fetchall():
        pools[mineral, stage, series].add(key)
    assert max(len(keys & ranged) for keys in pools.values()) <= MOST_KEYS


def test_who_misses_a_factor_has_tonnes(release: duckdb.DuckDBPyConnection) -> None:
    """A reason names what lacks: where no tonnes are published, no factor would help."""
    found = release.execute(
        "select quantity_null_reason, quantity_tonnes_gross is not null, count(*) > 0 "
        "from marts.mart_import_dependency "
        "where quantity_null_reason in ('no_contained_factor', 'tonnage_not_published') "
        "group by all order by all"
    ).fetchall()
    assert found == [("no_contained_factor", True, True), ("tonnage_not_published", False, True)]
