"""Dagster's history with connections that stay open: what it writes, Dagster's own storage reads, and a kill spoils nothing."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import dagster as dg
import pytest
from dagster._core.storage.event_log.sqlite.sqlite_event_log import SqliteEventLogStorage

from dagster_project.operations import event_log
from dagster_project.operations.event_log import HeldSqliteEventLogStorage
from dagster_project.settings import PROJECT_ROOT

RUNS = """
import os, signal, sys
import dagster as dg
@dg.asset(check_specs=[dg.AssetCheckSpec("seen", asset="mart")])
def mart(context):
    context.log.info("before the kill")
    if sys.argv[1] == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    yield dg.MaterializeResult(check_results=[dg.AssetCheckResult(passed=True)])
job = dg.Definitions(assets=[mart]).resolve_implicit_global_asset_job_def()
with dg.DagsterInstance.get() as instance:
    print(type(instance.event_log_storage).__name__)
    print(job.execute_in_process(instance=instance, run_id=sys.argv[2]).run_id)
"""
RUN = "11111111-2222-3333-4444-555555555555"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "dagster.yaml").write_bytes((PROJECT_ROOT / "dagster.yaml").read_bytes())
    return tmp_path


def _run(home: Path, how: str, run_id: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", RUNS, how, run_id],
        env={**os.environ, "DAGSTER_HOME": str(home), "DAGSTER_EVENT_BATCH_SIZE": "100"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def _events(folder: Path, run_id: str) -> list[str]:
    storage = SqliteEventLogStorage(str(folder))
    return [
        entry.dagster_event.event_type_value if entry.dagster_event else entry.user_message
        for entry in storage.get_logs_for_run(run_id)
    ]


def _entry(message: str, run_id: str = RUN) -> dg.EventLogEntry:
    return dg.EventLogEntry(
        error_info=None, level="info", user_message=message, run_id=run_id, timestamp=time.time()
    )


def test_dagsters_own_storage_reads_what_it_wrote_and_the_other_way_round(home: Path) -> None:
    ran = _run(home, "whole", RUN)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0] == "HeldSqliteEventLogStorage"
    folder = home / "history" / "runs"
    events = _events(folder, RUN)
    assert events[-1] == "PIPELINE_SUCCESS"
    for kind in (
        "ASSET_MATERIALIZATION_PLANNED",
        "ASSET_MATERIALIZATION",
        "ASSET_CHECK_EVALUATION",
    ):
        assert events.count(kind) == 1
    assert SqliteEventLogStorage(str(folder)).has_asset_key(dg.AssetKey("mart"))
    theirs = SqliteEventLogStorage(str(home / "theirs"))
    theirs.store_event(_entry("theirs"))
    ours = HeldSqliteEventLogStorage(str(home / "theirs"))
    ours.store_event(_entry("ours"))
    for storage in (theirs, ours):
        assert [entry.user_message for entry in storage.get_logs_for_run(RUN)] == ["theirs", "ours"]
    ours.dispose()


def test_a_killed_run_keeps_its_events_and_the_next_one_runs(home: Path) -> None:
    assert _run(home, "kill", RUN).returncode == -signal.SIGKILL
    assert "before the kill" in _events(home / "history" / "runs", RUN)
    again = _run(home, "whole", RUN.replace("1", "9"))
    assert again.returncode == 0, again.stderr


def test_a_batch_is_stored_whole_or_not_at_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = HeldSqliteEventLogStorage(str(tmp_path))
    storage.store_event_batch([_entry("one"), _entry("two")])
    store = storage.store_event

    def broken(event: dg.EventLogEntry) -> None:
        store(event)
        if event.user_message == "four":
            raise OSError("the disk is full")

    monkeypatch.setattr(storage, "store_event", broken)
    with pytest.raises(OSError, match="the disk is full"):
        storage.store_event_batch([_entry("three"), _entry("four"), _entry("five")])
    monkeypatch.undo()
    storage.store_event(_entry("six"))
    storage.dispose()
    assert _events(tmp_path, RUN) == ["one", "two", "six"]


def test_the_ui_sees_a_run_go_on(tmp_path: Path) -> None:
    """It watches the run's file in another process, with whatever storage."""
    storage = HeldSqliteEventLogStorage(str(tmp_path))
    storage.store_event(_entry("begun"))
    seen: list[str] = []
    watcher = HeldSqliteEventLogStorage(str(tmp_path))
    watcher.watch(RUN, None, lambda entry, _: seen.append(entry.user_message))
    deadline = time.monotonic() + 60
    while "begun" not in seen or len(seen) < 3:
        assert time.monotonic() < deadline, seen
        storage.store_event(_entry("goes on"))
        time.sleep(0.2)
    storage.dispose()
    watcher.dispose()


def test_a_server_that_shows_many_runs_holds_few_open(tmp_path: Path) -> None:
    storage = HeldSqliteEventLogStorage(str(tmp_path))
    runs = [f"{number:08d}-2222-3333-4444-555555555555" for number in range(12)]
    for run_id in runs:
        storage.store_event(_entry("begun", run_id))
        assert len(storage._held) <= event_log.MOST_OPEN + 1
    for run_id in runs:
        assert len(storage.get_logs_for_run(run_id)) == 1
    storage.dispose()
    assert not list(tmp_path.glob("*-wal")), "closed files are whole without their logs"
