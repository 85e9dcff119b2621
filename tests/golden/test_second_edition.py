"""A second edition of BACI beside the first, up to the open gate; and the marts as of the day before it.

`tests/second_edition.py` makes it: 2025 is 2024 again, and lithium carbonate of 2024 is 1% dearer. A refresh of
a copy of the repo takes it in; dbt alone, on the lake of that refresh, answers as of the day before.
"""

import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from dagster_project.operations.dbt_runner import run_dbt
from dagster_project.publishing.digest import schema_content
from dagster_project.publishing.gate import pass_gate
from dagster_project.publishing.warehouse import reading
from tests import second_edition as made
from tests.conftest import command_environment, made_once
from tests.copied_repository import REFRESH
from tests.defs._workspace import working_in
from tests.failure._helpers import gate, settings_of

pytestmark = pytest.mark.slow

KEY = "importer_id, series_level, hs6, mineral_id, stage, reference_year, series_id, origin_id"


def _refreshed(folder: Path) -> None:
    copy = folder / "repo"
    copy.mkdir()
    made.main(copy)
    result = subprocess.run(
        [sys.executable, "-c", REFRESH],
        cwd=copy,
        env=command_environment(folder / "data") | {"PYTHONPATH": os.fspath(copy)},
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr


@pytest.fixture(scope="module")
def two_editions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Data folder after a refresh that read both editions."""
    return made_once(tmp_path_factory, "two_editions", _refreshed) / "data"


@pytest.fixture(scope="module")
def both(data: Path, two_editions: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    settings = settings_of(two_editions)
    # Every blocking check ran and passed, one row a key of every mart among them.
    nodes, blocking = gate(settings_of(data))
    pass_gate(settings, nodes, blocking)
    with working_in(settings), reading(settings) as connection:
        yield connection


def test_one_edition_answers_in_every_mart(
    both: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    for mart in ("mart_import_dependency", "mart_export_share"):
        found = both.execute(
            f"select distinct edition from marts.{mart} where source_id = 'cepii_baci'"
        ).fetchall()
        assert found == [(made.NEW,)], mart
        # As many rows of every year as the first edition alone gives, and a year more. Lines alone: 2025 is
        # 2024 again, and what looks counted twice in one year more leaves its pool in every year.
        by_year = (
            f"select reference_year, count(*) from marts.{mart} where series_level = 'hs6' "
            "group by 1 order by 1"
        )
        rows = dict(both.execute(by_year).fetchall())
        assert rows.pop(made.MORE) > 1_000, mart
        assert rows == dict(release.execute(by_year).fetchall()), mart
    doubled = both.execute(
        f"select count(*) from (select {KEY} from marts.mart_import_dependency "
        f"group by {KEY} having count(*) > 1)"
    ).fetchall()
    assert doubled == [(0,)]


def test_the_fact_keeps_both(
    both: duckdb.DuckDBPyConnection, release: duckdb.DuckDBPyConnection
) -> None:
    count = (
        "select edition, is_current_edition, bool_or(is_current_series), count(*) "
        "from marts.fct_trade where source_id = 'cepii_baci' and reference_year <= 2024 "
        "group by 1, 2 order by 1"
    )
    [(edition, _, _, flows)] = release.execute(count).fetchall()
    assert both.execute(count).fetchall() == [
        (edition, False, False, flows),
        (made.NEW, True, True, flows),
    ]


def test_the_revised_line_is_listed(both: duckdb.DuckDBPyConnection) -> None:
    found = both.execute(
        "select edition, previous_edition, series_id, line_code, mineral_id, reference_year, "
        "geography_id, round(value_ratio, 6), quantity_ratio, revision_kind "
        "from marts.mart_edition_revision where statistic = 'trade'"
    ).fetchall()
    assert found == [
        (made.NEW, made.OLD, made.SERIES, made.LINE, "lithium", made.YEAR, "WORLD", 1.01, 1.0, "revised")
    ]  # fmt: skip


def test_as_of_the_day_before_the_marts_are_the_old_ones(
    data: Path, two_editions: Path, tmp_path: Path
) -> None:
    (tmp_path / "lake").symlink_to(two_editions / "lake")
    settings = replace(settings_of(tmp_path), as_of=made.DAY_BEFORE)
    with working_in(settings):
        outcomes = run_dbt(settings, "as_of")
        assert {outcome.status for outcome in outcomes} <= {"success", "pass", "warn"}
        with reading(settings) as connection:
            found = schema_content(connection, "marts")
    old = settings_of(data)
    with working_in(old), reading(old) as connection:
        expected = schema_content(connection, "marts")
    assert found.rows == expected.rows
    assert found.digest == expected.digest
