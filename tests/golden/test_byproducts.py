"""By-products beside their hosts: leaders and shares worked out from figures that USGS prints in MCS 2026."""

import duckdb
import pytest

# Mineral, host, stage: own leader, its figure and the world's, then the host's; all of 2025, as printed.
PRINTED = {
    ("gallium", "aluminium", "refined"): ("CHN", 900_000, 900_000, "CHN", 45_000, 74_000),
    ("bismuth", "copper", "refined"): ("CHN", 14_000, 16_000, "CHN", 14_000, 29_000),
    ("tellurium", "copper", "refined"): ("CHN", 800, 1_000, "CHN", 14_000, 29_000),
    ("selenium", "copper", "refined"): ("CHN", 2_000, 3_800, "CHN", 14_000, 29_000),
    ("cobalt", "copper", "mine"): ("COD", 230_000, 310_000, "CHL", 5_300, 23_000),
    ("cobalt", "nickel", "mine"): ("COD", 230_000, 310_000, "IDN", 2_600_000, 3_900_000),
}
# China's licences for gallium (2023), bismuth and tellurium (2025); none for selenium. DR Congo's quota of cobalt.
CONTROLLED = {
    "gallium": True,
    "bismuth": True,
    "tellurium": True,
    "selenium": False,
    "cobalt": True,
}
# Announcement 18 of 2025 names samarium (a light one), gadolinium, terbium, dysprosium, lutetium, yttrium and magnets.
GOODS_OF_RARE_EARTHS = dict.fromkeys(
    ["heavy_rare_earths", "light_rare_earths", "metal_magnets"], "rare_earths"
)


@pytest.mark.slow
@pytest.mark.parametrize("case", PRINTED)
def test_leaders_are_those_of_the_printed_figures(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str]
) -> None:
    leader, figure, world, host_leader, host_figure, host_world = PRINTED[case]
    [row] = release.execute(
        "select leader_country_iso3, leader_share, reference_year, host_leader_country_iso3, "
        "host_leader_share, host_reference_year, is_one_leader, leader_controls_mineral "
        "from marts.mart_byproduct_dependence "
        "where mineral_id = ? and host_mineral_id = ? and stage = ?",
        list(case),
    ).fetchall()
    assert row == (
        leader, pytest.approx(figure / world, abs=1e-9), 2025,
        host_leader, pytest.approx(host_figure / host_world, abs=1e-9), 2025,
        leader == host_leader, CONTROLLED[case[0]],
    )  # fmt: skip


@pytest.mark.slow
def test_no_leader_is_no_zero(release: duckdb.DuckDBPyConnection) -> None:
    rows = release.execute(
        "select count(*) filter (where leader_share is null and null_reason is not null), "
        "count(*) filter (where leader_share is null), count(*) filter (where leader_share = 0) "
        "from marts.mart_byproduct_dependence"
    ).fetchall()
    [(explained, missing, zeros)] = rows
    assert explained == missing > 0
    assert zeros == 0


@pytest.mark.slow
def test_controls_in_force_are_those_of_the_newest_day_of_the_lists(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """As `controls_as_of` answers for 28 November 2026, the last day of our lists; headlines say so too."""
    rows = release.execute(
        "select distinct mineral_id, stage, leader_country_iso3, leader_controls_mineral "
        "from marts.mart_byproduct_dependence where leader_controls_mineral is not null"
    ).fetchall()
    on_goods = release.execute(
        "select distinct controls.mineral_id, goods.stage, controls.imposing_iso3 "
        "from marts.controls_as_of(date '2026-11-28') as controls "
        "inner join marts.bridge_control_hs_line as goods using (event_id, item) "
        "where controls.status = 'active' and goods.hs6 is not null"
    ).fetchall()
    said = {row[:3] for row in rows if row[3]}
    assert said == {row[:3] for row in rows} & set(on_goods)
    assert 0 < len(said) < len({row[:3] for row in rows})
    leading = release.execute(
        "select distinct mineral_id, stage, replace(leading_origin_id, 'CHN_HKG', 'CHN') "
        "from marts.mart_headline where is_leading_origin_controlling"
    ).fetchall()
    asked_as = {
        (GOODS_OF_RARE_EARTHS.get(mineral, mineral), stage, by) for mineral, stage, by in leading
    }
    assert asked_as <= set(on_goods)
    assert said & set(leading)
    assert set(GOODS_OF_RARE_EARTHS) <= {mineral for mineral, _, by in leading if by == "CHN"}
