"""Flows that count at another stage than their line's: figures read by hand from CEPII's HS 1992 file of 2024."""

import duckdb
import pytest

pytestmark = pytest.mark.slow

# BACI_HS92_Y2024_V202601.csv, thousand dollars: DR Congo (180) to China (156) under 810510; feed of rare
# earths under 284690 from Myanmar (104) and Laos (418) to China, under 280530 from Australia (36) to Malaysia (458).
HYDROXIDE = 3_019_487_639
HYDROXIDE_TONNES = 628_191.018
FEED = {
    "CHN": {"MMR": 817_835_388, "LAO": 259_557_138},
    # The other two lines: 284610 for 59 dollars and 284690 for 8,196, which are no feed.
    "MYS": {"AUS": 128_057_261},
}
# All that DR Congo sold of crude cobalt, none of it a copy of other goods in 2024: 810510 to Belgium, China,
# Korea, Turkey; 282200 to Brazil, Spain, Korea, Namibia, Taiwan, South Africa, Zambia.
SOLD = (
    (4_236_584 + HYDROXIDE + 26_972_893 + 10)
    + (142_626 + 120 + 911_881 + 142_296_512 + 11_522_034 + 235_836 + 67_236_786)
)  # fmt: skip


def test_china_buys_its_intermediate_cobalt_from_dr_congo(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """The only origin of crude hydroxide that is held: above 90%, and said to lack the stage's own lines."""
    found = release.execute(
        "select origin_id, value_usd, value_share, quantity_share, quantity_tonnes_gross, "
        "quality_flags, series_id from marts.dependency('CHN', 'cobalt', 'intermediate', 2024)"
    ).fetchall()
    assert found == [("COD", HYDROXIDE, 1.0, 1.0, HYDROXIDE_TONNES, "lines_missing", "hs92")]


def test_feed_of_rare_earths_stands_at_its_stage(release: duckdb.DuckDBPyConnection) -> None:
    """Beside Comext's ores of the same stage and year, which are the EU's."""
    for importer, origins in FEED.items():
        found = release.execute(
            "select origin_id, value_usd, value_share from marts.dependency(?, 'rare_earths', 'mine', 2024)",
            [importer],
        ).fetchall()
        total = sum(origins.values())
        assert {row[0]: row[1] for row in found} == origins
        assert {row[0]: row[2] for row in found} == pytest.approx(
            {origin: value / total for origin, value in origins.items()}
        )
    assert release.execute(
        "select distinct series_id, null_reason from marts.dependency('DEU', 'rare_earths', 'mine', 2024)"
    ).fetchall() == [("comext_cn8", None)]
    # Who buys none of it: nothing is known of the stage, which only mixed lines have.
    assert release.execute(
        "select origin_id, null_reason from marts.dependency('KOR', 'rare_earths', 'mine', 2024)"
    ).fetchall() == [(None, "only_mixed_lines")]


def test_dr_congo_exports_its_cobalt(release: duckdb.DuckDBPyConnection) -> None:
    found = release.execute(
        "select value_usd, export_share, quality_flags, pooled_lines from marts.mart_export_share "
        "where exporter_id = 'COD' and mineral_id = 'cobalt' and stage = 'intermediate' "
        "and series_level = 'mineral_stage' and reference_year = 2024 and destination_id = 'WLD'"
    ).fetchall()
    assert found == [(SOLD, 1.0, "lines_missing", "282200,810510")]


def test_a_line_has_the_stage_of_its_flows(release: duckdb.DuckDBPyConnection) -> None:
    """Of countries, one flow a row; of a bloc with flows at two stages the line's own, flagged."""
    wrong = release.execute(
        "select * from marts.fct_trade as fact inner join marts.mart_import_dependency as mart "
        "on mart.series_level = 'hs6' and mart.importer_id = fact.importer_id "
        "and mart.origin_id = fact.exporter_id and mart.hs6 = fact.hs6 "
        "and mart.series_id = fact.series_id and mart.reference_year = fact.reference_year "
        "where mart.stage <> fact.stage limit 5"
    ).fetchall()
    assert not wrong, wrong
    found = release.execute(
        "select importer_id, stage, quality_flags like '%several_stages%' "
        "from marts.mart_import_dependency where hs6 = '280530' and origin_id = 'AUS' "
        "and reference_year = 2023 and series_id = 'hs92' and importer_id in ('MYS', 'IPEF')"
    ).fetchall()
    assert sorted(found) == [("IPEF", "refined", True), ("MYS", "mine", False)]


def test_a_pool_says_which_lines_it_has(release: duckdb.DuckDBPyConnection) -> None:
    """HS 1992 has tungsten's powder, HS 2017 the unwrought metal, none both; lithium's two lines HS 1992 has."""
    found = release.execute(
        "select distinct mineral_id, series_id, pooled_lines, quality_flags like '%lines_missing%' "
        "from marts.mart_import_dependency where series_level = 'mineral_stage' and stage = 'refined' "
        "and mineral_id in ('tungsten', 'lithium') and importer_id = 'USA' and reference_year = 2024 "
        "and is_current_series"
    ).fetchall()
    assert {row[:3] for row in found} == {
        ("tungsten", "hs92", "810110"),
        ("lithium", "hs92", "282520,283691"),
    }
    assert {(row[0], bool(row[3])) for row in found} == {("tungsten", True), ("lithium", False)}
