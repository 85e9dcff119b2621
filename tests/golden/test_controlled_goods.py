"""Which customs lines an export control covers, and how much of them."""

import duckdb
import pytest

from tests.golden.test_export_controls import TODAY

pytestmark = pytest.mark.slow


def test_goods_from_memory_are_flagged(release: duckdb.DuckDBPyConnection) -> None:
    """The lines of state trading were not read; those of No. 10 were."""
    flagged = release.execute(
        "select distinct event_id, coalesce(quality_flags, '') like '%scope_from_memory%' "
        "from marts.mart_export_control_exposure where hs6 = '810194' "
        "and event_id in ('CHN-SILVER-W-SB-2026', 'CHN-5METALS-2025')"
    ).fetchall()
    assert dict(flagged) == {"CHN-SILVER-W-SB-2026": True, "CHN-5METALS-2025": False}


def test_all_bismuth_is_covered(release: duckdb.DuckDBPyConnection) -> None:
    """No. 10 of 2025, 6C001.a: metal and products in any form, 8106101091 on; the rest is under 1C229."""
    [(low, high)] = release.execute(
        "select value_share_before_low, value_share_before_high from marts.control_exposure('JPN', ?) "
        "where event_id = 'CHN-5METALS-2025' and hs6 = '810600'",
        [TODAY],
    ).fetchall()
    assert low == high > 0.7


def test_chinas_silver_regime_covers_metal_and_no_ore(release: duckdb.DuckDBPyConnection) -> None:
    """Article 1 of the measures of 1999: powder, unwrought and semi-manufactured silver."""
    lines = release.execute(
        "select hs6, stage, scope, data_held from marts.bridge_control_hs_line "
        "where event_id = 'CHN-SILVER-W-SB-2026' and mineral_id = 'silver' order by hs6"
    ).fetchall()
    assert lines == [
        ("710610", "refined", "part_of_line", "none"),
        ("710691", "refined", "part_of_line", "none"),
    ]
    # India bought a sixth of its silver ore from China in 2024: free of control. Metal is not held.
    weighed = release.execute(
        "select stage, max(value_share_latest_high), any_value(latest_null_reason) "
        "from marts.mart_export_control_exposure where event_id = 'CHN-SILVER-W-SB-2026' "
        "and mineral_id = 'silver' and importer_id = 'IND' group by stage"
    ).fetchall()
    assert weighed == [("refined", None, "line_not_held")]


def test_vietnam_bans_lead_ore_with_zinc_ore(release: duckdb.DuckDBPyConnection) -> None:
    """Table T4 of MCS 2026 prints "lead-zinc"; ores of lead are 2607, ores of zinc 2608."""
    rows = release.execute(
        "select mineral_id, stage, hs6, scope from marts.bridge_control_hs_line "
        "where event_id = 'VNM-RAW-2012' and item like 'lead-zinc%' order by 1"
    ).fetchall()
    assert rows == [
        ("lead", "mine", "260700", "whole_line"),
        ("zinc", "mine", "260800", "whole_line"),
    ]
