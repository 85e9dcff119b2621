"""Marts as of 12 January 2026, the day of the ministerial: what came out later is not in them.

The release is the one that `tests/failure/_kills.py` publishes after its kills.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing import audit
from dagster_project.publishing.release_files import DATABASE
from tests.conftest import MINISTERIAL
from tests.failure._helpers import build_of, settings_of
from tests.golden.cells import concentration, exceptions, f1_cells, key_of

# Our own judgements: no figures of an edition.
NOT_FIGURES = {"mart_assumption"}

pytestmark = pytest.mark.slow

# Bands and leaders are those of the editions of today: they may warn.
KNOW_TODAY = {
    "marts/mart_production_share:refining_share_within_band",
    "marts/mart_supplier_concentration:largest_producer_is_the_known_one",
}
# Marts that name the source of their edition otherwise.
SOURCES = {"mart_dependency_view": "production_source_id"}


@pytest.fixture(scope="module")
def early(earlier: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    path = earlier / "published" / "current" / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_every_check_passed_but_those_that_know_today(earlier: Path) -> None:
    settings = settings_of(earlier)
    found = audit.read(settings.audit, build_of(settings))
    assert len(found) > 100
    assert not [result.key for result in found if result.stops]
    assert {result.key for result in found if not result.passed} <= KNOW_TODAY


def _columns(release: duckdb.DuckDBPyConnection, name: str) -> set[str]:
    found = release.execute(
        "select table_name from duckdb_columns() where schema_name = 'marts' and column_name = ?",
        [name],
    )
    return {table for (table,) in found.fetchall()} - NOT_FIGURES


def test_no_figure_of_a_later_edition(
    early: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    tables = _columns(early, "edition")
    assert {"fct_production", "mart_production_share", "dim_edition"} <= tables
    later = release.execute(
        f"select source_id, edition from marts.dim_edition where released_on > date '{MINISTERIAL}'"
    ).fetchall()
    # The edition of February is one of those that are asked about, and BACI's of January.
    assert {("usgs_mcs", "MCS2026"), ("usgs_mcs_us", "MCS2026"), ("cepii_baci", "BACI202601")} <= {
        *later
    }
    found = {
        table: early.execute(
            f"select count(*) from marts.{table} "
            f"where ({SOURCES.get(table, 'source_id')}, edition) in {tuple(later)}"
        ).fetchall()[0][0]
        for table in sorted(tables)
    }
    assert not {table: rows for table, rows in found.items() if rows}


def test_no_other_column_carries_one(early: duckdb.DuckDBPyConnection) -> None:
    """Row ids and names of files and editions lead nowhere younger."""
    columns = early.execute(
        "select table_name, column_name from duckdb_columns() where schema_name = 'marts' "
        "and data_type = 'VARCHAR' and (column_name like '%row_id' or column_name like '%edition' "
        "or column_name = 'source_file')"
    ).fetchall()
    assert len(columns) > 20
    found = [
        f"{table}.{column}"
        for table, column in columns
        if table not in NOT_FIGURES
        and early.execute(
            f"select 1 from marts.{table} where {column} like '%MCS2026%' limit 1"
        ).fetchall()
    ]
    assert not found


def test_shares_are_those_of_the_edition_that_was_out(early: duckdb.DuckDBPyConnection) -> None:
    cells = [
        cell
        for cell in f1_cells()
        if cell["edition"] == "MCS2025" and cell["measure"] == "china_share_percent"
    ]
    assert len(cells) > 40
    known = exceptions("F1")
    wrong = []
    for cell in cells:
        expected = known[key_of(cell)]["got"] if key_of(cell) in known else cell["expected"]
        share = concentration(early, "usgs_mcs", cell)["china_share"]
        got = None if share is None else f"{float(share) * 100:.1f}"
        if got != expected:
            wrong.append(f"{key_of(cell)}: expected {expected}, got {got}")
    assert not wrong, "\n".join(wrong)


def test_that_edition_is_the_current_one(early: duckdb.DuckDBPyConnection) -> None:
    found = early.execute(
        "select distinct edition from marts.mart_production_share where source_id = 'usgs_mcs' "
        "and reference_year = 2024 and is_current_edition"
    ).fetchall()
    assert found == [("MCS2025",)]


def test_a_claim_of_today_is_judged_by_that_day(early: duckdb.DuckDBPyConnection) -> None:
    """Nothing newer is known: both verdicts on copper are the one of MCS 2025."""
    found = early.execute(
        "select as_of_kind, edition, round(100 * computed_low, 1), verdict "
        "from marts.mart_claim_check where claim_id = 'CHN_REFINES_47_87' and mineral_id = 'copper' "
        "and source_id = 'usgs_mcs' and is_newest_known_edition order by 1"
    ).fetchall()
    assert found == [
        ("claim_date", "MCS2025", 44.4, "differs"),
        ("today", "MCS2025", 44.4, "differs"),
    ]
