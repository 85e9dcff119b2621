"""Who makes and sells a mineral and buys none of it is a net seller; who sells nothing is none."""

import duckdb
import pytest

pytestmark = pytest.mark.slow


def test_who_buys_nothing_and_sells_is_a_net_seller(release: duckdb.DuckDBPyConnection) -> None:
    """New Caledonia mines nickel and Tajikistan lead: neither is seen to buy any ore of it."""
    rows = release.execute(
        """
        select importer_id, mineral_id, is_net_seller, export_value_usd > 100000000
        from marts.mart_headline
        where (importer_id, mineral_id) in (('NCL', 'nickel'), ('TJK', 'lead')) and stage = 'mine'
            and null_reason = 'no_imports_recorded'
        order by importer_id
        """
    ).fetchall()
    assert rows == [("NCL", "nickel", True, True), ("TJK", "lead", True, True)]
    counts = release.execute(
        """
        select
            count(*) filter (export_value_usd = 0 and is_net_seller),
            count(*) filter (export_value_usd > 0 and not is_net_seller),
            count(*) filter (is_net_seller is null)
        from marts.mart_headline
        where null_reason = 'no_imports_recorded' and own_production_share > 0 and importer_kind = 'country'
            and is_net_exporter is null and export_value_usd is not null
        """
    ).fetchall()
    assert counts == [(0, 0, 0)]
