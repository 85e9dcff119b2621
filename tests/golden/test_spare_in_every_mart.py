"""What a country has idle is the same in every mart, and none of it is lost where nothing is made.

Cells are subtracted by hand from those that USGS prints: World Minerals Outlook 2025, rows of 2024; MCS 2025,
capacity of 2024, beside MCS 2026, production of 2024. Half of it arrives in time (seed `disruption_spare`).
"""

from collections.abc import Callable

import duckdb
import pytest

MINISTERIAL = "MEETING_2026_01_12"
# Mineral, stage, party of mart_coalition: at least, at most.
PARTIES = {
    # 64,000 t of capacity, a printed zero of output.
    ("magnesium", "refined", "USA"): (64_000 / 2, 64_000 / 2),
    ("magnesium", "refined", MINISTERIAL): (64_000 / 2, 64_000 / 2),
    # 500 t of capacity, output withheld: anything between.
    ("titanium", "refined", "USA"): (0, 500 / 2),
    ("titanium", "refined", "JPN"): ((65_200 - 57_000) / 2,) * 2,
    ("titanium", "refined", MINISTERIAL): (
        (65_200 - 57_000 + 500 - 300) / 2,
        (65_200 - 57_000 + 500 - 300 + 500) / 2,
    ),
    # No line of trade is gallium's or arsenic's alone: capacity needs none. Korea's output is in a "rest" of zero.
    ("gallium", "refined", "JPN"): ((10 - 3) / 2,) * 2,
    ("gallium", "refined", "KOR"): (16 / 2, 16 / 2),
    ("gallium", "refined", MINISTERIAL): ((10 - 3 + 16) / 2,) * 2,
    ("arsenic", "intermediate", "EU27"): ((1_500 - 1_000) / 2,) * 2,
    # Of cobalt's "rest" (16,000 t) 2,800 and 300 are Papua's and the United States' output.
    ("cobalt", "mine", "USA"): (0, (16_000 - 2_800 - 300) / 2),
    ("cobalt", "mine", MINISTERIAL): (
        (9_000 - 3_600 + 6_500 - 4_500) / 2,
        (9_000 - 3_600 + 6_500 - 4_500 + 16_000 - 2_800 - 300) / 2,
    ),
}
UNKNOWN = {
    # Capacity of a cell without a figure, beside a printed zero of output.
    ("titanium", "refined", "AUS"): "capacity_not_available",
    ("gallium", "refined", "USA"): "capacity_not_available",
    # Output withheld, and nobody prints a capacity.
    ("silicon", "refined", "USA"): "own_production_withheld",
    # Nobody names it.
    ("magnesium", "refined", "CAN"): "own_production_not_named",
}
# Cobalt mines of 2024: capacity and output of those whom the Outlook names with both, tonnes.
COBALT = {
    "AUS": (9_000, 3_600), "CAN": (6_500, 4_500), "COD": (273_100, 220_000), "CUB": (4_600, 3_500),
    "IDN": (29_300, 28_000), "MDG": (5_500, 2_600), "NCL": (7_000, 1_500), "PHL": (5_800, 3_800),
    "RUS": (10_000, 8_700), "TUR": (3_900, 2_700),
}  # fmt: skip
Spares = dict[tuple, dict]


@pytest.fixture(scope="module")
def asked(release: duckdb.DuckDBPyConnection) -> Callable[[str], list[dict]]:
    return lambda query: release.execute(query).pl().to_dicts()


@pytest.fixture(scope="module")
def parties(asked: Callable) -> dict[tuple, dict]:
    rows = asked("select * from marts.mart_coalition")
    return {(row["mineral_id"], row["stage"], row["party_id"]): row for row in rows}


@pytest.fixture(scope="module")
def spares(asked: Callable) -> Spares:
    """Each publisher's own, by series, year and edition, then place."""
    found: Spares = {}
    for row in asked("select * from marts.mart_spare_capacity where geography_kind <> 'world'"):
        key = ("mineral_id", "stage", "reference_year", "source_id", "capacity_edition")
        named = [row[column] for column in key]
        if row["capacity_edition"] is None:
            # Who has no capacity of its own stands with the edition of those who have.
            named[-1] = EDITIONS.get((row["source_id"], row["reference_year"]))
        found.setdefault((*named, row["form"]), {})[row["geography_id"]] = row
    return found


EDITIONS = {("usgs_outlook", 2024): "WMO2025"}


@pytest.mark.parametrize("key", PARTIES, ids="-".join)
def test_what_a_party_has_idle_counts(parties: dict, key: tuple) -> None:
    row = parties[key]
    assert (row["spare_tonnes_low"], row["spare_tonnes_high"]) == pytest.approx(PARTIES[key])
    assert (row["spare_basis"], row["spare_null_reason"]) == ("measured", None)


@pytest.mark.parametrize("key", UNKNOWN, ids="-".join)
def test_what_nobody_knows_is_no_zero(parties: dict, key: tuple) -> None:
    row = parties[key]
    assert (row["spare_tonnes_low"], row["spare_tonnes_high"]) == (None, None)
    assert row["spare_null_reason"] == UNKNOWN[key]


def test_a_sum_names_whom_it_leaves_out(parties: dict) -> None:
    titanium = parties["titanium", "refined", MINISTERIAL]
    assert titanium["spare_excluded_producers"] == "AUS,CAN,DEU,GBR,MEX"
    assert parties["silicon", "refined", MINISTERIAL]["spare_excluded_producers"] == "USA"
    assert parties["magnesium", "refined", MINISTERIAL]["spare_excluded_producers"] is None


def test_the_parties_together_have_what_their_members_have(asked: Callable, parties: dict) -> None:
    """Who is in "rest" may have all of it, once; a member of the EU27 and a party too counts once."""
    members = {
        row["country_iso3"]
        for row in asked(f"select * from marts.bridge_bloc_member where bloc_id = '{MINISTERIAL}'")
    }
    by_stage: dict[tuple, list[dict]] = {}
    for row in asked(
        "select * from marts.mart_scenario_spare where origin_view = 'declared_origin'"
    ):
        if row["country_iso3"] in members:
            key = (row["mineral_id"], row["stage"], row["reference_year"])
            by_stage.setdefault(key, []).append(row)
    compared = 0
    for (mineral, stage, party), row in parties.items():
        having = by_stage.get((mineral, stage, row["reference_year"]))
        if party != MINISTERIAL or having is None:
            continue
        hidden = [one["spare_tonnes_high"] for one in having if one["spare_basis"] == "in_rest"]
        high = sum(one["spare_tonnes_high"] for one in having if one["spare_basis"] != "in_rest")
        low = sum(one["spare_tonnes_low"] for one in having)
        assert row["spare_tonnes_low"] == pytest.approx(low, abs=0.001)
        assert row["spare_tonnes_high"] == pytest.approx(high + max(hidden, default=0), abs=0.001)
        compared += 1
    assert compared > 20


def test_scenarios_count_half_of_what_each_publisher_prints_and_lose_nobody(
    asked: Callable, spares: Spares
) -> None:
    questions: dict[tuple, dict[str, dict]] = {}
    for row in asked("select * from marts.mart_scenario_spare where spare_basis <> 'assumed'"):
        key = (row["mineral_id"], row["stage"], row["reference_year"], row["origin_view"])
        questions.setdefault(key, {})[row["geography_id"]] = row
    assert len(questions) > 10
    for (mineral, stage, year, view), rows in questions.items():
        first = next(iter(rows.values()))
        made = "mine" if view == "mine_origin" else stage
        printed = [
            places
            for series, places in spares.items()
            if series[:5]
            == (mineral, made, year, first["spare_source_id"], first["capacity_edition"])
            and any(place["spare_status"] != "none" for place in places.values())
        ]
        assert len(printed) == 1, (mineral, stage, year, view)
        [places] = printed
        known = {place for place, row in places.items() if row["spare_status"] != "none"}
        assert known <= set(rows), (mineral, stage, year, view)
        for place, row in rows.items():
            # Of whom the publisher does not name "rest" may have all.
            of = places.get(place, places.get("REST"))
            assert of is not None
            low = 0 if row["spare_basis"] == "in_rest" else of["spare_capacity_tonnes_lower"] / 2
            assert row["spare_tonnes_low"] == pytest.approx(low, abs=1e-6)
            assert row["spare_tonnes_high"] == pytest.approx(
                of["spare_capacity_tonnes_upper"] / 2, abs=1e-6
            )
            if row["capacity_tonnes"] is not None:
                assert row["spare_tonnes_high"] <= row["capacity_tonnes"]


def test_without_the_leader_all_others_have_what_they_print(
    asked: Callable, spares: Spares
) -> None:
    rows = asked("select * from marts.mart_n_minus_1 where spare_basis = 'measured'")
    assert len(rows) > 20
    for row in rows:
        key = [row[name] for name in ("mineral_id", "stage", "reference_year")]
        places = spares[*key, row["spare_source_id"], row["spare_edition"], row["form"]]
        leader = places.get(row["leader_country_iso3"])
        # A leader without a capacity of its own may be all of "rest".
        own = leader is not None and leader["capacity_tonnes"] is not None
        low = high = 0.0
        left_out = set()
        for place, one in places.items():
            if place == row["leader_country_iso3"]:
                continue
            if one["spare_status"] == "none":
                left_out.add(place)
                continue
            if one["null_reason"] != "capacity_in_rest":
                high += one["spare_capacity_tonnes_upper"]
                low += one["spare_capacity_tonnes_lower"] if own or place != "REST" else 0
        assert row["others_spare_tonnes_low"] == pytest.approx(low / 2, abs=1e-6)
        assert row["others_spare_tonnes_high"] == pytest.approx(high / 2, abs=1e-6)
        assert row["spare_excluded_producers"] == (",".join(sorted(left_out)) or None)


def test_headlines_count_what_hides_in_rest_once(asked: Callable) -> None:
    """Cobalt mines: "rest" has 16,000 - 2,800 - 300 at most, less 6,200 at least; it is no leader's for certain."""
    idle = sum(able - made for able, made in COBALT.values())
    hidden = 4_400 + 4_000
    rest = 16_000 - 2_800 - 300
    expected = {
        None: (idle + rest - 6_200, idle + hidden + rest),
        "USA": (idle, idle + hidden + rest),
        "TUR": (idle - 1_200 + rest - 6_200, idle - 1_200 + hidden + rest),
    }
    rows = asked(
        "select distinct leading_origin_id, spare_capacity_tonnes_low as low, spare_capacity_tonnes_high as high "
        "from marts.mart_headline where mineral_id = 'cobalt' and stage = 'mine'"
    )
    found = {row["leading_origin_id"]: (row["low"], row["high"]) for row in rows}
    for leader, ends in expected.items():
        assert found[leader] == pytest.approx(ends), leader


def test_idle_smelters_help_whoever_buys_there(asked: Callable) -> None:
    """By declared partner the United States' 32,000 t are shared out too; nothing more than there is."""
    [row] = asked(
        "select max(others_spare_tonnes) as there, max(others_spare_used_tonnes) as used, "
        "sum(received_tonnes) as received from marts.mart_disruption "
        "where scenario_id = 'china_full_stop' and case_id = 'assumed_spare' and mineral_id = 'magnesium' "
        "and origin_view = 'declared_origin' and importer_kind = 'country'"
    )
    others = [
        (22_000, 20_000),
        (6_000, 5_000),
        (34_000, 17_000),
        (30_000, 15_000),
        (81_000, 59_000),
    ]
    assert row["there"] == sum(able - made for able, made in others) / 2 + 64_000 / 2
    assert row["used"] == pytest.approx(row["received"], abs=1e-3)
    assert row["used"] <= row["there"]
