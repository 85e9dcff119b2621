"""Ores, and a metal with a withheld refiner, looked through: beside figures worked out from BACI's and USGS's files."""

import duckdb
import pytest

pytestmark = pytest.mark.slow
EXACT = 1e-8
# A script of twenty lines, plain Python on BACI_HS92_Y2024_V202601.csv (lines 261000 as shipped, 260900 x 0.60, 260800
# x 0.52, 260700 x 0.62, 252910 as shipped, 280490) and MCS2026_Commodities_Data.csv (production of 2024 as printed, chromite, zinc, lead and feldspar in thousands):
# T = max(P + M, X); what is bought is the mix of its sellers, what is withheld has no origin; 400 rounds of it.
# Importer, denominator: tonnes, unresolved, and by origin the declared and the traced share.
WORKED = {
    ("chromium", "CHN", "imports"): (
        15186200.454,
        0.102083721,
        {"ZAF": (0.790447869, 0.781450666), "TUR": (0.070283309, 0.069197129)},
    ),
    ("chromium", "JPN", "imports"): (52371.145, 0.645129242, {"ZAF": (0.293559994, 0.316129534)}),
    ("chromium", "DEU", "imports"): (
        87179.337,
        0.017678927,
        {"ZAF": (0.482427608, 0.780218129), "TUR": (0.199690771, 0.197861568)},
    ),
    ("chromium", "IND", "apparent_supply"): (
        3614466.060,
        0.004568016,
        {"IND": (None, 0.932079972), "ZAF": (None, 0.062543147)},
    ),
    ("tin", "CHN", "imports"): (
        55799.525,
        0.144549355,
        {
            "COD": (0.364546972, 0.364637739),
            "AUS": (0.187440293, 0.171560067),
            "BOL": (0.079652634, 0.079667983),
        },
    ),
    ("tin", "CHN", "apparent_supply"): (
        126614.088,
        0.063610533,
        {"CHN": (None, 0.560046903), "COD": (None, 0.160462847)},
    ),
    ("zinc", "CHN", "imports"): (
        2169003.355,
        0.358124658,
        {"AUS": (0.228298817, 0.2052046), "PER": (0.197366348, 0.203150292)},
    ),
    ("zinc", "JPN", "imports"): (
        348876.953,
        0.015592367,
        {"BOL": (0.259141242, 0.263460235), "PER": (0.177727082, 0.182326246)},
    ),
    ("zinc", "USA", "apparent_supply"): (
        248106.502,
        0.002422609,
        {"USA": (None, 0.97414712), "PER": (None, 0.020167779)},
    ),
    ("lead", "CHN", "imports"): (
        1084495.160,
        0.290032123,
        {"RUS": (0.21304993, 0.212875661), "USA": (0.083734318, 0.089236085)},
    ),
    ("lead", "KOR", "imports"): (
        331351.980,
        0.143354076,
        {"AUS": (0.208377495, 0.19855654), "PER": (0.17915305, 0.18015)},
    ),
    # Canada sells, and USGS names no Canadian mine: what it sells is traced to what it buys.
    ("lead", "USA", "imports"): (18470.57934, 0.024909596, {"USA": (None, 0.955571198)}),
    ("feldspar", "ITA", "imports"): (
        2322567.119,
        0.076970282,
        {"TUR": (0.898197479, 0.910634415)},
    ),
    ("feldspar", "DEU", "imports"): (
        162253.127,
        0.677435595,
        {"TUR": (0.225630715, 0.281632766), "ITA": (0.049463238, 0.026943175)},
    ),
    ("selenium", "CHN", "apparent_supply"): (
        3050.385,
        0.260954546,
        {"CHN": (None, 0.539162955), "JPN": (None, 0.08165817)},
    ),
    ("selenium", "IND", "imports"): (455.614, 0.41801964, {"JPN": (0.493222333, 0.487993492)}),
    ("selenium", "USA", "imports"): (355.371, 0.753695408, {"POL": (0.084418819, 0.058575549)}),
}


@pytest.mark.parametrize("case", WORKED, ids="-".join)
def test_shares_are_those_worked_out_from_the_publishers_files(
    release: duckdb.DuckDBPyConnection, case: tuple[str, str, str]
) -> None:
    tonnes, unresolved, shares = WORKED[case]
    view = "refiner" if case[0] == "selenium" else "mine"
    rows = release.execute(
        f"select origin_id, denominator_tonnes, {view}_unresolved_share, declared_origin_share, "
        f"{view}_origin_share from marts.mart_dependency_view where mineral_id = ? and importer_id = ? "
        "and denominator = ? and measure <> 'value' and reference_year = 2024 "
        "and stage = case mineral_id when 'selenium' then 'refined' else 'mine' end",
        case,
    ).fetchall()
    found = {origin: figures for origin, *figures in rows}
    for origin, (declared, traced) in shares.items():
        assert found[origin][:2] == pytest.approx([tonnes, unresolved], abs=EXACT, rel=EXACT)
        assert found[origin][3] == pytest.approx(traced, abs=EXACT)
        if declared is not None:
            assert found[origin][2] == pytest.approx(declared, abs=EXACT)


def test_a_withheld_refiner_has_no_use(release: duckdb.DuckDBPyConnection) -> None:
    """USGS prints W for the selenium of the United States: nobody knows what it uses, or whose that is."""
    assert release.execute(
        "select null_reason, refiner_origin_share from marts.mart_dependency_view "
        "where mineral_id = 'selenium' and importer_id = 'USA' and reference_year = 2024 "
        "and denominator = 'apparent_supply'"
    ).fetchall() == [("own_production_withheld", None)]


def test_every_stage_with_imports_is_looked_through_or_says_why(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Thirty-nine had `not_looked_through`; fifteen of them are traced to mines or refiners now."""
    found = dict(
        release.execute(
            "select mineral_id || ' ' || stage, bool_or(coalesce(mine_origin_share, refiner_origin_share) > 0) "
            "from marts.mart_dependency_view group by all"
        ).fetchall()
    )
    ores = "aluminium antimony baryte chromium feldspar fluorspar lead magnesite "
    ores += "manganese molybdenum nickel tin tungsten zinc zirconium"
    assert all(found[f"{mineral} mine"] for mineral in ores.split())
    assert found["selenium refined"]
    assert found["titanium refined"]
    assert release.execute(
        "select count(*) from marts.mart_coverage where null_reason = 'not_looked_through'"
    ).fetchone() == (0,)
