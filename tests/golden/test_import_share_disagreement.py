"""Two publishers on imports, and cobalt that is counted twice: worked out from CEPII's and USGS's own files.

Printed by USGS: import sources 2021-24, MCS 2026 (natural graphite: China 46% with Hong Kong, Mozambique 13%;
barite: China 21% with Hong Kong; ferrovanadium: Canada 50%). DR Congo's mine output of cobalt, tonnes: 119,000 in 2021 (MCS 2023), 144,000 in 2022
(MCS 2024), 175,000 in 2023 (MCS 2025), 226,000 in 2024 (MCS 2026).
"""

import duckdb
import pytest

pytestmark = [pytest.mark.slow, pytest.mark.shared]

MINED = {2021: 119_000, 2022: 144_000, 2023: 175_000, 2024: 226_000}
# METHODS §12, with what is counted twice.
WITH_COPIES = {2021: 1.55, 2022: 0.83, 2023: 1.36, 2024: 0.87}
GRADE = 0.30

SUPPLIED = """
    select
        sum(usd) filter (where exporter_iso3 in {origins}) / sum(usd),
        sum(kg) filter (where exporter_iso3 in {origins}) / sum(kg)
    from flow
    where revision = 'HS92' and importer_iso3 = 'USA' and hs6 in {lines}
        and reference_year between 2021 and 2024
"""


CHINA = "('CHN', 'HKG', 'MAC')"
# Mineral, goods, origin, printed share, lines, exporters, and the measure that USGS lies nearer to.
PRINTED = [
    ("graphite_natural", "total", "CHN_HKG", 0.46, "('250410', '250490')", CHINA, "tonnes"),
    ("graphite_natural", "total", "MOZ", 0.13, "('250410', '250490')", "('MOZ')", "tonnes"),
    ("baryte", "total", "CHN_HKG", 0.21, "('251110')", CHINA, "tonnes"),
    ("vanadium", "ferrovanadium", "CAN", 0.50, "('720292')", "('CAN')", "value"),
]


def test_us_import_sources_beside_trade(
    baci: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    for mineral, goods, origin, printed, lines, origins, measure in PRINTED:
        supplied = baci.execute(SUPPLIED.format(origins=origins, lines=lines)).fetchall()[0]
        found = release.execute(
            "select import_share, other_value_share, other_quantity_share, compared_by, share_difference "
            "from marts.mart_import_share_disagreement "
            "where importer_id = 'USA' and mineral_id = ? and goods = ? and origin_id = ?",
            [mineral, goods, origin],
        ).fetchall()
        by_value, by_tonnes = supplied
        expected = by_tonnes if measure == "tonnes" else by_value
        assert len(found) == 1
        assert found[0][:3] == pytest.approx((printed, by_value, by_tonnes), abs=1e-9)
        assert found[0][3:] == (measure, pytest.approx(printed - expected, abs=1e-9))


def test_cobalt_counted_twice(
    baci: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    shipped = baci.execute(
        "select reference_year, sum(kg) / 1000 * ? from flow where revision = 'HS92' "
        "and exporter_iso3 = 'COD' and hs6 in ('282200', '810510') "
        "and reference_year between 2018 and 2024 group by all",
        [GRADE],
    ).fetchall()
    ours = release.execute(
        "select reference_year, sum(quantity_tonnes_contained), "
        "sum(quantity_tonnes_contained) filter (where not is_suspected_double_count) "
        "from marts.fct_trade where series_id = 'hs92' and exporter_id = 'COD' "
        "and hs6 in ('282200', '810510') and reference_year between 2018 and 2024 group by all"
    ).fetchall()
    whole = {year: tonnes for year, tonnes, _ in ours}
    assert whole == pytest.approx(dict(shipped))
    mined = release.execute(
        "select reference_year, quantity_tonnes from marts.fct_production where is_current_edition "
        "and source_id = 'usgs_mcs' and mineral_id = 'cobalt' and stage = 'mine' "
        "and country_iso3 = 'COD' and reference_year < 2025"
    ).fetchall()
    assert dict(mined) == MINED
    assert {year: round(whole[year] / MINED[year], 2) for year in MINED} == WITH_COPIES
    without = {year: tonnes / MINED[year] for year, _, tonnes in ours if year in MINED}
    assert max(without.values()) < 1


def test_every_named_origin_of_the_united_states_has_a_row(
    release: duckdb.DuckDBPyConnection,
) -> None:
    asked, answered, compared = release.execute(
        "select (select count(*) from marts.fct_us_import_source where geography_kind = 'country'), "
        "count(distinct source_row_id), count(*) filter (where null_reason is null) "
        "from marts.mart_import_share_disagreement where importer_id = 'USA'"
    ).fetchall()[0]
    assert asked == answered > 300
    assert compared > 80
