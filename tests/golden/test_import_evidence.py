"""Who an importer buys from where trade lines fail: read off USGS's, Eurostat's and CEPII's own files."""

import csv
from collections import defaultdict
from fractions import Fraction
from pathlib import Path

import duckdb
import pytest

from tests.golden.test_comext import EU27
from tests.golden.test_comext import FILE as COMEXT

pytestmark = [pytest.mark.slow, pytest.mark.shared]

COMMODITIES = "usgs_mcs/2026/MCS2026_Commodities_Data.csv"
# Europium to lutetium and yttrium, metal and compounds.
HEAVY = {"28053031", "28053039", "28469060", "28469070"}
COUNTRIES = {"CAN": "Canada", "JPN": "Japan", "CHN": "China", "DEU": "Germany"}
BEST = """
    select origin_id, share, evidence_kind, source_id, denominator, share_measure, period_from_year, period_to_year
    from marts.mart_import_evidence
    where importer_id = ? and mineral_id = ? and stage = ? and reference_year = ? and is_best_evidence
"""
# Dollars in all and from China under 850511 in 2024, added up from BACI_HS17_Y2024_V202601.csv; the EU's
# from outside its 27.
MAGNETS = {
    "USA": (491_902_474, 366_341_101),
    "JPN": (568_756_873, 156_879_570),
    "EU27": (1_215_556_922, 1_077_193_795),
}


def test_usgs_answers_for_gallium(shared_data: Path, release: duckdb.DuckDBPyConnection) -> None:
    with (shared_data / COMMODITIES).open(encoding="latin-1", newline="") as handle:
        printed = {
            row["Country"]: row["Value"]
            for row in csv.DictReader(handle)
            if row["Commodity"] == "Gallium" and row["Section"] == "Import Sources"
        }
    assert {name: printed[name] for name in ("Canada", "Japan", "China")} == {
        "Canada": "28",
        "Japan": "22",
        "China": "18",
    }
    rows = release.execute(BEST, ["USA", "gallium", "refined", 2024]).fetchall()
    assert {row[0]: row[1] for row in rows if row[0] != "REST"} == {
        iso3: int(printed[name]) / 100 for iso3, name in COUNTRIES.items()
    }
    assert {row[2:] for row in rows} == {
        ("us_import_sources", "usgs_mcs_us", "imports", "not_published", 2021, 2024)
    }
    asked = release.execute(
        "select evidence_kind, null_reason, origin_id, evidence_share, value_share "
        "from marts.dependency('USA', 'gallium', 'refined', 2024)"
    ).fetchall()
    assert asked[:2] == [
        ("current_series", "only_mixed_lines", None, None, None),
        ("us_import_sources", None, "CAN", 0.28, None),
    ]
    assert [row[2] for row in asked[1:]] == ["CAN", "JPN", "CHN", "DEU", "REST"]


@pytest.mark.parametrize(
    # By hand from the file, euro: Norway and China of all from outside the EU.
    ("year", "norway", "china"),
    [(2023, 0.2852, 0.2918), (2024, 0.4684, 0.2988)],
)
def test_heavy_rare_earths_of_the_eu(
    shared_data: Path, release: duckdb.DuckDBPyConnection, year: int, norway: float, china: float
) -> None:
    euro: dict[str, Fraction] = defaultdict(Fraction)
    with (shared_data / COMEXT).open(encoding="ascii", newline="") as handle:
        for row in csv.DictReader(handle):
            is_heavy = row["PRODUCT_NC"] in HEAVY and row["PERIOD"] == str(year)
            if is_heavy and row["PARTNER_ISO"] not in EU27:
                euro[row["PARTNER_ISO"]] += Fraction(row["VALUE_IN_EUROS"])
    assert float(euro["NO"] / sum(euro.values())) == pytest.approx(norway, abs=5e-5)
    assert float(euro["CN"] / sum(euro.values())) == pytest.approx(china, abs=5e-5)
    rows = release.execute(BEST, ["EU27", "heavy_rare_earths", "refined", year]).fetchall()
    found = {row[0]: row[1] for row in rows}
    assert found["NOR"] == pytest.approx(norway, abs=1e-4)
    assert found["CHN"] == pytest.approx(china, abs=1e-4)
    assert sum(found.values()) == pytest.approx(1)
    assert {row[2:5] for row in rows} == {("line_group", "eurostat_comext", "imports")}


@pytest.mark.parametrize("importer", sorted(MAGNETS))
def test_magnets_are_answered_as_magnets(release: duckdb.DuckDBPyConnection, importer: str) -> None:
    in_all, from_china = MAGNETS[importer]
    key = [importer, "metal_magnets", "product"]
    where = "where importer_id = ? and mineral_id = ? and stage = ?"
    shares = [
        release.execute(query, key).fetchall()
        for query in (
            f"select value_share from marts.mart_import_dependency {where} "
            "and reference_year = 2024 and series_level = 'mineral_stage' and origin_id = 'CHN'",
            f"select declared_origin_share from marts.mart_dependency_view {where} "
            "and reference_year = 2024 and measure = 'value' and origin_id = 'CHN'",
            "select distinct value_share_latest_high from marts.mart_export_control_exposure "
            f"{where} and event_id = 'CHN-7REE-2025' and series_level = 'mineral_stage'",
        )
    ]
    assert shares == [[(pytest.approx(from_china / in_all, abs=1e-9),)]] * 3
    # A line with magnets that hold no rare earth is never covered for sure.
    assert release.execute(
        "select max(value_share_latest_low) from marts.mart_export_control_exposure "
        f"{where} and event_id = 'CHN-7REE-2025'",
        key,
    ).fetchall() == [(0,)]
    # Where nobody's help is assumed; what others could make in addition is not known.
    assert release.execute(
        "select case_id, shortfall_null_reason from marts.mart_disruption "
        f"{where} and scenario_id = 'china_full_stop' and origin_view = 'declared_origin' "
        "order by shortfall_null_reason nulls first",
        key,
    ).fetchall() == [("no_spare", None), ("assumed_spare", "spare_unknown")]
