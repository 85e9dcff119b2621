"""Sectors: weights by hand from the EU study's printed shares, exposure as F1, F7 and the import mart have it."""

import csv
from pathlib import Path

import duckdb
import pytest

from tests.golden.cells import REFERENCE, f7_cells

SEED = Path(__file__).resolve().parents[2] / "dbt" / "seeds" / "use_share_sector.csv"
SECTORS = {"defence", "semiconductors", "renewables", "batteries", "industrial_refining"}
PARTIES = {"AUS", "CAN", "DEU", "EU27", "FRA", "GBR", "IND", "ITA", "JPN", "KOR", "MEX", "USA"}
BLOCS = {"EU27", "G7", "MEETING_2026_01_12"}

pytestmark = pytest.mark.slow


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as handle:
        return list(csv.DictReader(handle))


def test_every_use_has_every_importer_stage_and_measure(
    release: duckdb.DuckDBPyConnection,
) -> None:
    uses = {(row["sector"], row["mineral_id"]) for row in _rows(REFERENCE / "end_uses.csv")}
    assert {sector for sector, _ in uses} == SECTORS
    found = release.execute(
        "select sector, mineral_id, stage, importer_id, measure from marts.mart_sector_exposure "
        "where mineral_id is not null and measure in ('import_value', 'import_tonnes')"
    ).fetchall()
    assert len(found) == len(set(found))
    assert set(found) == {
        (*use, stage, importer, measure)
        for use in uses
        for stage in ("mine", "refined")
        for importer in PARTIES | BLOCS
        for measure in ("import_value", "import_tonnes")
    }
    assert release.execute(
        "select count(*) < 30000 from marts.mart_sector_exposure"
    ).fetchall() == [(True,)]


def test_imports_are_those_of_the_import_mart(release: duckdb.DuckDBPyConnection) -> None:
    """China's and the largest country's share, and the reason, cell by cell in the latest year."""
    wrong = release.execute(
        "with asked as ("
        "select importer_id, mineral_id, stage, "
        "max(value_share) filter (where origin_id = 'CHN') as chn_value, "
        "max(quantity_share) filter (where origin_id = 'CHN') as chn_tonnes, "
        "bool_or(origin_id = 'CHN') as sells, "
        "max(value_share) filter (where origin_kind = 'country') as top_value, "
        "max(quantity_share) filter (where origin_kind = 'country') as top_tonnes "
        "from marts.mart_import_dependency where series_level = 'mineral_stage' "
        "and is_current_series and reference_year = 2024 group by all), "
        "both_ways as ("
        "select ours.*, sells, "
        "case ours.measure when 'import_value' then top_value else top_tonnes end as top, "
        "case ours.measure when 'import_value' then chn_value else chn_tonnes end as chn "
        "from marts.mart_sector_exposure as ours left join asked using (importer_id, mineral_id, stage) "
        "where ours.measure in ('import_value', 'import_tonnes') and ours.mineral_id is not null) "
        "select count(*), count(*) filter (where reference_year <> 2024 "
        "or leader_share is distinct from top "
        "or china_share is distinct from (case when top is null or sells then chn else 0 end)), "
        "count(china_share) from both_ways"
    ).fetchall()
    (rows, differing, with_share) = wrong[0]
    assert rows > 4000
    assert with_share > 2000
    assert differing == 0


def test_japan_buys_rare_earths_as_f7_prints(release: duckdb.DuckDBPyConnection) -> None:
    (printed,) = [
        cell["expected"]
        for cell in f7_cells()
        if (cell["figure_row"], cell["reference_year"], cell["measure"])
        == ("all", "2024", "value_percent")
    ]
    found = release.execute(
        "select distinct sector, round(100 * china_share, 1) from marts.mart_sector_exposure "
        "where mineral_id = 'rare_earths' and stage = 'refined' and importer_id = 'JPN' "
        "and measure = 'import_value' order by sector"
    ).fetchall()
    assert found == [
        (sector, float(printed))
        for sector in ("batteries", "defence", "industrial_refining", "renewables")
    ]


@pytest.mark.parametrize(
    ("sector", "mineral", "weight", "upper"),
    [
        # The study's printed percents, by application.
        ("semiconductors", "gallium", 70, 70 + 25),
        ("semiconductors", "indium", 15, 15 + 8 + 5),
        ("semiconductors", "silicon", 2, 2),
        ("batteries", "cobalt", 3, 3),
        ("batteries", "antimony", 32, 32),
        ("batteries", "vanadium", 3, 3 + 5),
        ("renewables", "silicon", 6, 6),
        ("renewables", "platinum", 1 + 1, 1 + 1),
        ("industrial_refining", "tungsten", 33 + 23 + 18 + 8 + 6, 88),
        ("industrial_refining", "cobalt", 14 + 13 + 12 + 11, 14 + 13 + 12 + 11 + 36),
        ("industrial_refining", "bismuth", 84 + 9 + 7, 100),
        ("defence", "cobalt", None, 36),
        ("defence", "beryllium", None, 17),
    ],
)
def test_weight_is_the_sum_of_printed_uses(
    release: duckdb.DuckDBPyConnection,
    sector: str,
    mineral: str,
    weight: int | None,
    upper: int,
) -> None:
    found = release.execute(
        "select distinct round(100 * use_share, 6), round(100 * use_share_upper, 6), weight_source "
        "from marts.mart_sector_exposure where sector = ? and mineral_id = ?",
        [sector, mineral],
    ).fetchall()
    assert found == [(weight, upper, "eu_crm")]


def test_no_weight_is_made_up(release: duckdb.DuckDBPyConnection) -> None:
    """Lithium and nickel are not in the study, rare earths and titanium only in parts."""
    found = release.execute(
        "select distinct mineral_id, use_share, weight_null_reason from marts.mart_sector_exposure "
        "where mineral_id in ('lithium', 'nickel', 'rare_earths', 'titanium') order by mineral_id"
    ).fetchall()
    assert found == [
        ("lithium", None, "not_in_study"),
        ("nickel", None, "not_in_study"),
        ("rare_earths", None, "only_parts_in_study"),
        ("titanium", None, "only_parts_in_study"),
    ]


def test_range_of_chips_by_hand(release: duckdb.DuckDBPyConnection) -> None:
    """World output of 2025 (F1: gallium 100.0, indium 69.1, silicon 87.0; EU study: hafnium 2.8).

    Germanium, tantalum and antimony have no weight and may have all; arsenic, copper, fluorspar and palladium
    have 1, 2, 11 and 4% in wider applications.
    """
    known = 70 + 15 + 2 + 3
    by_hand = 70 * 100.0 + 15 * 69.1 + 2 * 87.0 + 3 * 2.8
    # Most: what nobody publishes (arsenic, fluorspar, tantalum) at 100; germanium at 83.1 would pull it down.
    most = (by_hand + (1 + 11 + 100) * 100) / (known + 1 + 11 + 100)
    # Least: those three at 0, palladium at 0.6; copper at 48.3 would lift it.
    least = (by_hand + 4 * 0.6) / (known + 1 + 11 + 100 + 4)
    found = release.execute(
        "select china_share, china_null_reason, coverage_share, 100 * china_share_low, "
        "100 * china_share_high, weights, primary_left_out from marts.mart_sector_exposure "
        "where sector = 'semiconductors' and mineral_id is null and stage = 'refined' "
        "and measure = 'production'"
    ).fetchall()
    ((share, reason, covered, low, high, weights, left_out),) = found
    assert (share, reason) == (None, "too_little_weighted")
    assert covered == pytest.approx(known / (known + 3 * 100 + 1 + 2 + 11 + 4))
    assert low == pytest.approx(least, abs=0.05)
    assert high == pytest.approx(most, abs=0.05)
    assert weights == "gallium 70%, hafnium 3%, indium 15%, silicon 2%"
    assert left_out == "germanium"


def test_no_mean_of_batteries_without_lithium(release: duckdb.DuckDBPyConnection) -> None:
    """The study has weights of 38% for three of thirteen minerals; eight more have none, two up to 4 and 11%."""
    found = release.execute(
        "select china_share, coverage_share from marts.mart_sector_exposure "
        "where sector = 'batteries' and mineral_id is null and stage = 'refined' "
        "and measure = 'production'"
    ).fetchall()
    assert found == [(None, pytest.approx(38 / (38 + 8 * 100 + 4 + 11)))]


def test_means_are_of_the_eu_and_the_world_alone(release: duckdb.DuckDBPyConnection) -> None:
    """The weights are of use in the EU: they say nothing of Japan's imports."""
    found = release.execute(
        "select distinct importer_id, measure from marts.mart_sector_exposure where mineral_id is null"
    ).fetchall()
    assert set(found) == {
        ("EU27", "import_value"),
        ("EU27", "import_tonnes"),
        ("WLD", "production"),
    }
    # Defence has no application of its own in the study: no mean.
    assert release.execute(
        "select distinct china_share, china_null_reason from marts.mart_sector_exposure "
        "where mineral_id is null and sector = 'defence'"
    ).fetchall() == [(None, "no_mineral_weighted")]


def test_mixed_and_unheld_lines_have_no_share(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select mineral_id, china_share, null_reason from marts.mart_sector_exposure "
        "where importer_id = 'USA' and measure = 'import_value' and sector = 'semiconductors' "
        "and stage = 'refined' and mineral_id in ('gallium', 'germanium') order by mineral_id"
    ).fetchall()
    assert found == [("gallium", None, "only_mixed_lines"), ("germanium", None, "code_drift")]


def test_where_trade_has_no_share_usgs_is_named(release: duckdb.DuckDBPyConnection) -> None:
    """MCS 2026 prints of gallium: Canada 28, Japan 22, China 18, Germany 16; it enters no mean."""
    assert release.execute(
        "select source_id, form, china_share, leader_id, leader_share, quality_flags, is_headline_source "
        "from marts.mart_sector_exposure where importer_id = 'USA' and measure = 'import_evidence' "
        "and sector = 'semiconductors' and stage = 'refined' and mineral_id = 'gallium'"
    ).fetchall() == [("usgs_mcs_us", "metal", 0.18, "CAN", 0.28, "period_mean", False)]


def test_seed_has_a_reason_for_each_application() -> None:
    rows = _rows(SEED)
    assert len(rows) > 150
    assert {row["sector"] for row in rows} == SECTORS | {""}
    assert {row["extent"] for row in rows} == {"whole", "part", "none"}
    for row in rows:
        assert len(row["reason"]) > 5, row
        assert (row["sector"] == "") == (row["extent"] == "none"), row
