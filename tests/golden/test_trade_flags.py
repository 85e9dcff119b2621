"""Flags of import shares in 2024 against CEPII's own files: what another series contradicts, and what is
too small to mean much. Added up by DuckDB from the zips, without any code of ours."""

import duckdb
import pytest

from tests.golden.cells import f6_cells

pytestmark = [pytest.mark.slow, pytest.mark.shared]

# Imports of countries, and of the EU from outside, in both series.
IMPORTS = """
    create or replace temp view imported as
    select revision, hs6, importer_iso3 as importer_id, exporter_iso3 as origin_id, usd, kg
    from flow
    semi join line using (hs6)
    where reference_year = 2024
    union all
    select flow.revision, flow.hs6, 'EU27', flow.exporter_iso3, sum(flow.usd), sum(flow.kg)
    from flow
    semi join line using (hs6)
    inner join eu as buyer on flow.importer_iso3 = buyer.member_id
    anti join eu as seller on flow.exporter_iso3 = seller.member_id
    where flow.reference_year = 2024
    group by flow.revision, flow.hs6, flow.exporter_iso3
"""
EU = """
    create or replace temp view eu as
    select member_id from member where group_id = 'EU27' and reference_year = 2024
"""
# Shares in each series of whoever buys the line in both; who sells in one of them alone has 0 in the other.
SHARES = """
    create or replace temp table compared as
    with
    whole as (
        select revision, hs6, importer_id, sum(usd) as usd, sum(kg) as kg
        from imported
        group by all
    ),
    in_both as (select hs6, importer_id from whole group by all having count(*) = 2),
    asked as (
        select distinct hs6, importer_id, origin_id
        from imported
        semi join in_both using (hs6, importer_id)
    ),
    shares as (
        select
            asked.hs6,
            asked.importer_id,
            asked.origin_id,
            coalesce(imported.usd, 0) / whole.usd as by_value,
            coalesce(imported.kg, 0) / whole.kg as by_tonnes
        from asked
        inner join whole using (hs6, importer_id)
        left join imported using (revision, hs6, importer_id, origin_id)
    )
    select
        hs6,
        importer_id,
        origin_id,
        max(by_value) - min(by_value) as value_spread,
        case when count(by_tonnes) = 2 then max(by_tonnes) - min(by_tonnes) else 0 end
            as tonnage_spread
    from shares
    group by all
"""
FLAGS = """
    select hs6, importer_id, origin_id, series_id, coalesce(quality_flags, '') as quality_flags
    from marts.mart_import_dependency
    where
        series_level = 'hs6'
        and series_id in ('hs92', 'hs17_2024')
        and reference_year = 2024
        and origin_kind = 'country'
        and null_reason is null
        and (importer_kind = 'country' or importer_id = 'EU27')
"""


@pytest.fixture(scope="module")
def compared(
    baci: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> duckdb.DuckDBPyConnection:
    """Tables `compared` (spreads by line, importer and origin) and `flags` (what the mart says)."""
    for statement in (EU, IMPORTS, SHARES):
        baci.execute(statement)
    baci.register("flags", release.execute(FLAGS).pl())
    return baci


def test_contradicted_shares_are_flagged_and_no_others(
    compared: duckdb.DuckDBPyConnection,
) -> None:
    """Contradicted: more than ten points apart by value, or more than ten points apart by tonnes."""
    wrong = compared.execute(
        "select flags.*, round(value_spread, 3), round(tonnage_spread, 3) "
        "from flags left join compared using (hs6, importer_id, origin_id) "
        "where coalesce(value_spread > 0.1 or tonnage_spread > 0.1, false) "
        "<> (quality_flags like '%series_conflict%')"
    ).fetchall()
    assert not wrong, wrong[:10]
    [(by_value, by_tonnes, in_no_row)] = compared.execute(
        "select count(*) filter (where value_spread > 0.1), "
        "count(*) filter (where tonnage_spread > 0.1 and value_spread <= 0.1), "
        "count(*) filter (where flags.hs6 is null) "
        "from compared left join flags using (hs6, importer_id, origin_id)"
    ).fetchall()
    # Both halves of the rule bite, and nobody's trade is missing.
    assert by_value > 100
    assert by_tonnes > 10
    assert in_no_row == 0


def test_contradicted_cells_of_f6(compared: duckdb.DuckDBPyConnection) -> None:
    """US acid-grade fluorspar and German graphite are among them."""
    cells = {(cell["hs6"], cell["importer_id"]) for cell in f6_cells("F6")}
    found = {
        (hs6, importer): (by_value > 0.1, by_tonnes > 0.1, flagged)
        for hs6, importer, by_value, by_tonnes, flagged in compared.execute(
            "select hs6, importer_id, value_spread, tonnage_spread, "
            "quality_flags like '%series_conflict%' from compared "
            "left join flags using (hs6, importer_id, origin_id) "
            "where origin_id = 'CHN' and coalesce(series_id, 'hs92') = 'hs92'"
        ).fetchall()
        if (hs6, importer) in cells
    }
    # Lines of F6 that both series have.
    assert {hs6 for hs6, _ in found} == {"250490", "252922", "282200", "283691", "720292"}
    assert len([key for key in found if key[1] == "EU27"]) == 5
    # By value, by tonnes: each is enough.
    assert {key: spreads for key, (*spreads, flagged) in found.items() if flagged} == {
        ("250490", "DEU"): [True, False],
        ("250490", "EU27"): [True, False],
        ("252922", "USA"): [True, False],
        ("720292", "AUS"): [True, False],
        ("720292", "EU27"): [False, True],
    }
    assert not [key for key, (*spreads, flagged) in found.items() if flagged != any(spreads)]


def test_imports_below_a_million_are_flagged_and_no_others(
    compared: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    expected = {
        (hs6, importer): usd < 1_000_000
        for hs6, importer, usd in compared.execute(
            "select hs6, importer_id, sum(usd) from imported where revision = 'HS92' group by all"
        ).fetchall()
    }
    found = release.execute(
        "select hs6, importer_id, min(is_de_minimis), max(is_de_minimis), "
        "min(coalesce(quality_flags, '') like '%de_minimis%'), "
        "max(coalesce(quality_flags, '') like '%de_minimis%') "
        "from marts.mart_import_dependency where series_level = 'hs6' and series_id = 'hs92' "
        "and reference_year = 2024 and null_reason is null "
        "and (importer_kind = 'country' or importer_id = 'EU27') group by all"
    ).fetchall()
    assert {(hs6, importer): set(flags) for hs6, importer, *flags in found} == {
        key: {small} for key, small in expected.items()
    }
    cells = [(cell["hs6"], cell["importer_id"]) for cell in f6_cells("F6")]
    assert 30 < sum(expected.get(cell, False) for cell in cells) < len(cells)
