"""A second edition of BACI beside the first, up to the open gate; and the marts as of the day before it.

`tests/second_edition.py` makes it: 2025 is 2024 again, and lithium carbonate of 2024 is 1% dearer. A refresh of
a copy of the repo takes it in; staging alone, with its tables in the old lake, answers as of the day before.
"""

import os
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from dagster_project.operations.dbt_runner import prepare_manifest, run_dbt
from dagster_project.publishing.digest import schema_content
from dagster_project.publishing.release_files import DATABASE
from dagster_project.publishing.warehouse import reading
from tests import second_edition as made
from tests.defs._workspace import working_in
from tests.failure._helpers import settings_of

pytestmark = pytest.mark.slow

KEY = "importer_id, series_level, hs6, mineral_id, stage, reference_year, series_id, origin_id"
# What the edition changes in the lake.
NEW_TABLES = ("cepii_baci", "reference/edition.parquet")


@pytest.fixture(scope="module")
def before(few: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """The release without the edition."""
    path = few / "published" / "current" / DATABASE
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


def test_imports_and_exports_answer_with_one_edition(
    grown: duckdb.DuckDBPyConnection, before: duckdb.DuckDBPyConnection
) -> None:
    for mart in ("mart_import_dependency", "mart_export_share"):
        found = grown.execute(
            f"select distinct edition from marts.{mart} where source_id = 'cepii_baci'"
        ).fetchall()
        assert found == [(made.NEW,)], mart
        # As many rows of every year as the first edition alone gives, and a year more. Lines alone: 2025 is
        # 2024 again, and what looks counted twice in one year more leaves its pool in every year.
        by_year = (
            f"select reference_year, count(*) from marts.{mart} where series_level = 'hs6' "
            "group by 1 order by 1"
        )
        rows = dict(grown.execute(by_year).fetchall())
        assert rows.pop(made.MORE) > 1_000, mart
        assert rows == dict(before.execute(by_year).fetchall()), mart
    doubled = grown.execute(
        f"select count(*) from (select {KEY} from marts.mart_import_dependency "
        f"group by {KEY} having count(*) > 1)"
    ).fetchall()
    assert doubled == [(0,)]


def test_the_fact_keeps_both(
    grown: duckdb.DuckDBPyConnection, before: duckdb.DuckDBPyConnection
) -> None:
    count = (
        "select edition, is_current_edition, bool_or(is_current_series), count(*) "
        "from marts.fct_trade where source_id = 'cepii_baci' and reference_year <= 2024 "
        "group by 1, 2 order by 1"
    )
    [(edition, _, _, flows)] = before.execute(count).fetchall()
    assert grown.execute(count).fetchall() == [
        (edition, False, False, flows),
        (made.NEW, True, True, flows),
    ]


def test_the_revised_line_is_listed(grown: duckdb.DuckDBPyConnection) -> None:
    found = grown.execute(
        "select edition, previous_edition, series_id, line_code, mineral_id, reference_year, "
        "geography_id, round(value_ratio, 6), quantity_ratio, revision_kind "
        "from marts.mart_edition_revision where statistic = 'trade'"
    ).fetchall()
    assert found == [
        (made.NEW, made.OLD, made.SERIES, made.LINE, "lithium", made.YEAR, "WORLD", 1.01, 1.0, "revised")
    ]  # fmt: skip


def test_as_of_the_day_before_the_marts_are_the_old_ones(
    few: Path, grown_data: Path, tmp_path: Path
) -> None:
    """So is staging, and no later model knows the day: `tests/rules/test_one_home.py` sees to it."""
    changed = shutil.ignore_patterns(*[Path(name).name for name in NEW_TABLES])
    lake = tmp_path / "lake"
    shutil.copytree(few / "lake", lake, copy_function=os.symlink, ignore=changed)
    for name in NEW_TABLES:
        (lake / name).symlink_to(grown_data / "lake" / name)
    old = settings_of(few)
    built = {}
    for as_of in (made.DAY_BEFORE, made.DAY):
        settings = replace(settings_of(tmp_path), as_of=as_of)
        with working_in(settings):
            outcomes = run_dbt(
                settings,
                as_of,
                # With the seeds that pairs of declarations are made with.
                select=["+path:models/staging"],
                manifest_folder=prepare_manifest(old),
            )
            assert {outcome.status for outcome in outcomes} == {"success", "pass"}
            with reading(settings) as connection:
                built[as_of] = schema_content(connection, "staging")
    with working_in(old), reading(old) as connection:
        expected = schema_content(connection, "staging")
    assert built[made.DAY_BEFORE] == expected
    # The edition does lie in that lake.
    assert built[made.DAY].rows["stg_cepii_baci__trades"] > expected.rows["stg_cepii_baci__trades"]
