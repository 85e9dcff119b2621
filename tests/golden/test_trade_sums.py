"""Sums of import shares, and to whom a mixed line may be ascribed."""

import csv
from collections import defaultdict

import duckdb
import pytest

from tests.golden.cells import REFERENCE

pytestmark = pytest.mark.slow

MART = "marts.mart_import_dependency"
# A line is shared over all its origins, at whatever stage each of them ships.
CELL = (
    "importer_id, series_level, hs6, mineral_id, if(hs6 is null, stage, null) as pooled_stage, "
    "series_id, reference_year"
)
GROUPED = "importer_id, series_level, hs6, mineral_id, if(hs6 is null, stage, null), series_id, reference_year"
# Tonnes are there, and stand for too little of what this origin sells.
PARTLY_WEIGHED = (
    "value_share is not null and quantity_share is null and quantity_tonnes_gross is not null"
)


@pytest.mark.parametrize("share", ["value_share", "quantity_share"])
def test_shares_of_countries_add_up_to_one(release: duckdb.DuckDBPyConnection, share: str) -> None:
    """Tonnes too: who sells without a tonnage has no share of them, and the others have all.

    Who sells with tonnes for too few of its dollars has no share either: the others have what is left.
    """
    parts = {"value_share": "false", "quantity_share": PARTLY_WEIGHED}[share]
    wrong = release.execute(
        f"select {CELL}, sum({share}) as added, bool_or({parts}) as is_partly from {MART} "
        "where origin_kind = 'country' group by all having added > 1 + 1e-9 "
        "or (added < 1 - 1e-9 and not is_partly) limit 5"
    ).fetchall()
    assert not wrong, wrong
    [(cells,)] = release.execute(
        f"select count(*) from (select distinct {CELL} from {MART} where {share} is not null)"
    ).fetchall()
    assert cells > 100_000


def test_known_tonnes_without_a_share_are_what_the_shares_lack(
    release: duckdb.DuckDBPyConnection,
) -> None:
    """Of one series and year the tonnes in a row are its share times all of them, told or not."""
    wrong, cells = release.execute(
        "with cells as (select sum(quantity_share) as told, sum(tonnes) as all_tonnes, "
        "  sum(tonnes) filter (where quantity_share is not null) as told_tonnes, "
        f"  bool_or({PARTLY_WEIGHED}) as is_partly "
        "  from (select *, if(quantity_basis = 'gross', quantity_tonnes_gross, "
        f"    quantity_tonnes_contained) as tonnes from {MART} "
        "    where origin_kind = 'country' and value_share is not null) "
        f"  group by {GROUPED}) "
        "select count(*) filter (where abs(told - told_tonnes / all_tonnes) > 1e-9), count(*) "
        "from cells where is_partly and told is not null"
    ).fetchone() or (None, 0)
    assert wrong == 0
    assert cells > 1_000


def test_squares_of_shares_are_the_concentration(release: duckdb.DuckDBPyConnection) -> None:
    wrong = release.execute(
        f"select {CELL}, sum(value_share * value_share) as added, "
        f"min(supplier_hhi), max(supplier_hhi) from {MART} where origin_kind = 'country' "
        "group by all having added is not null and (abs(added - min(supplier_hhi)) > 1e-9 "
        "or min(supplier_hhi) <> max(supplier_hhi)) limit 5"
    ).fetchall()
    assert not wrong, wrong


def test_origins_of_many_countries_are_the_sum_of_them(release: duckdb.DuckDBPyConnection) -> None:
    """China with Hong Kong and Macao; the importer's own members have no share, and add none."""
    wrong = release.execute(
        f"select {CELL}, coalesce(sum(value_share) filter (where origin_id <> 'CHN_HKG'), 0) "
        "as parts, sum(value_share) filter (where origin_id = 'CHN_HKG') as whole "
        f"from {MART} where origin_id in ('CHN', 'HKG', 'MAC', 'CHN_HKG') "
        "and importer_id not in ('CHN', 'HKG', 'MAC', 'CHN_HKG') and value_share is not null "
        "group by all having abs(parts - coalesce(whole, 0)) > 1e-9 limit 5"
    ).fetchall()
    assert not wrong, wrong


def test_mixed_lines_are_no_single_metal(release: duckdb.DuckDBPyConnection) -> None:
    """A line that mixes is its group's; rare earths are a group and a mineral at once."""
    mixed: dict[str, set[str]] = defaultdict(set)
    minerals: set[str] = set()
    with (REFERENCE / "hs_lines.csv").open(encoding="utf-8", newline="") as handle:
        for row in csv.DictReader(handle):
            if row["group_id"]:
                mixed[row["hs6"]].add(row["group_id"])
            minerals.add(row["mineral_id"])
    for table in ("fct_trade", "mart_import_dependency"):
        found = release.execute(
            f"select distinct hs6, mineral_id, is_mixed_line from marts.{table} "
            "where hs6 is not null and source_id = 'cepii_baci'"
        ).fetchall()
        assert len(found) > 50
        for hs6, ascribed, is_mixed in found:
            assert is_mixed == (hs6 in mixed), (table, hs6)
            if is_mixed:
                assert ascribed in mixed[hs6] | {"rare_earths"}, (table, hs6)
                assert ascribed == "rare_earths" or ascribed not in minerals, (table, hs6)
        assert {hs6 for hs6, ascribed, _ in found if ascribed == "rare_earths" and hs6} == {
            "280530",
            "284610",
            "284690",
        }
    # Pools of a mineral's stage hold lines of its own alone; magnets are bought as such (`trade_pooled_group`).
    assert release.execute(
        f"select distinct mineral_id from {MART} where series_level = 'mineral_stage' "
        "and is_mixed_line and value_share is not null order by mineral_id"
    ).fetchall() == [("metal_magnets",), ("rare_earths",)]


def test_nothing_bought_is_no_row_and_never_a_zero(release: duckdb.DuckDBPyConnection) -> None:
    """Cents of Comext once rounded to 0 dollars. 0 would say that nothing was bought."""
    for table, measures in {
        "fct_trade": ("value_usd", "quantity_tonnes_gross", "quantity_tonnes_contained"),
        "mart_import_dependency": ("value_usd", "value_share", "quantity_share"),
        "mart_export_share": ("value_usd", "export_share", "destination_share"),
    }.items():
        zeros = " or ".join(f"{measure} = 0" for measure in measures)
        found = release.execute(f"select count(*) from marts.{table} where {zeros}").fetchall()
        assert found == [(0,)], table
