"""Memory and where DuckDB spills; what a first view shows; a manifest of the files as they are."""

import csv
from pathlib import Path

import pytest
import yaml

from dagster_project.operations import dbt_runner
from dagster_project.publishing.first_views import FIRST
from dagster_project.publishing.warehouse import MEMORY_LIMIT, THREADS, opened
from dagster_project.settings import DBT_PROJECT, PROJECT_ROOT
from tests.failure._helpers import settings_of


def _setting(name: str) -> str:
    with opened() as connection:
        return str(connection.execute(f"select current_setting('{name}')").fetchall()[0][0])


def test_an_empty_memory_limit_is_the_default(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CHOKEPOINT_MEMORY_LIMIT", raising=False)
    unset = _setting("memory_limit")
    monkeypatch.setenv("CHOKEPOINT_MEMORY_LIMIT", "")
    assert _setting("memory_limit") == unset
    monkeypatch.setenv("CHOKEPOINT_MEMORY_LIMIT", "1GB")
    assert _setting("memory_limit") != unset


def test_the_memory_limit_is_one() -> None:
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text("utf-8"))
    limit = profile["chokepoint"]["outputs"]["duckdb"]["config_options"]["memory_limit"]
    assert limit == f"{{{{ env_var('CHOKEPOINT_MEMORY_LIMIT', '') or '{MEMORY_LIMIT}' }}}}"
    assert f"CHOKEPOINT_MEMORY_LIMIT={MEMORY_LIMIT}\n" in (PROJECT_ROOT / ".env.example").read_text(
        "utf-8"
    )


def test_threads_are_as_many_on_any_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    """With one a core, the memory limit is too little on a machine of four: CI found it so."""
    profile = yaml.safe_load((DBT_PROJECT / "profiles.yml").read_text("utf-8"))
    threads = profile["chokepoint"]["outputs"]["duckdb"]["config_options"]["threads"]
    assert threads == f"{{{{ env_var('CHOKEPOINT_THREADS', '') or '{THREADS}' }}}}"
    example = (PROJECT_ROOT / ".env.example").read_text("utf-8")
    assert f"CHOKEPOINT_THREADS={THREADS}\n" in example
    monkeypatch.setenv("CHOKEPOINT_THREADS", "")
    assert _setting("threads") == THREADS
    monkeypatch.setenv("CHOKEPOINT_THREADS", "3")
    assert _setting("threads") == "3"


def test_what_is_in_memory_spills_into_the_data_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOKEPOINT_DATA", str(tmp_path))
    assert _setting("temp_directory") == str(tmp_path / "warehouse" / "tmp")


def test_a_first_view_reads_a_mart() -> None:
    """One of a mart that is no more is left out of `main` without a word: tests of publishing hold few marts."""
    marts = {path.stem for path in (DBT_PROJECT / "models" / "marts").glob("*/*.sql")}
    with FIRST.open(encoding="utf-8", newline="") as file:
        assert {row["reads"] for row in csv.DictReader(file)} <= marts


def test_a_manifest_is_of_the_files_once_the_others_have_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What changes while this process waits for the lock is parsed, and not what was there before."""
    found = iter(["before", "after"])
    monkeypatch.setattr(dbt_runner, "_fingerprint", lambda: next(found))
    monkeypatch.setattr(dbt_runner, "_parse", lambda _, folder: folder.mkdir())
    folder = dbt_runner.prepare_manifest(settings_of(tmp_path))
    assert folder.name == "after"
    assert folder.exists()
