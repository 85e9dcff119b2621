"""Refreshes that are killed, run into one another, and one that meets what they left.

It publishes under an analyst's open query, and something else than was published: by what was known on an
earlier day. So there is work to do up to the last rename.
"""

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import dagster as dg
import duckdb

from dagster_project.publishing.gate import lake_sidecars
from dagster_project.publishing.release_files import DATABASE
from dagster_project.settings import Settings
from tests.defs._workspace import working_in
from tests.failure._helpers import (
    MOST_SECONDS,
    OFFLINE,
    build_of,
    environment,
    leftover_names,
    mutate,
    wait_until,
    whole,
)

REFRESH = (
    OFFLINE
    + """
from dagster_project.cli.commands import app
try:
    app(["refresh"])
finally:
    print("network:", attempts)
"""
)
# No table of the lake is kept.
FORCED = REFRESH.replace('["refresh"]', '["refresh", "--force"]')
# The last step of a refresh, on what the steps before it left on the disk.
PUBLISH = (
    OFFLINE
    + """
from dagster_project.settings import load_settings, prepare_environment
prepare_environment(load_settings())
import dagster as dg
from dagster_project.definitions import defs
release = dg.AssetKey(["published", "release"])
with dg.DagsterInstance.get() as instance:
    defs.resolve_job_def("refresh").execute_in_process(instance=instance, asset_selection=[release])
"""
)
Start = Callable[..., subprocess.Popen[str]]
QUERY = "select * from marts.mart_production_share order by all"
DIGEST = """
import json, sys, duckdb
path, query = sys.argv[1:]
with duckdb.connect(path, read_only=True) as connection:
    release = connection.execute("select release from _build.release").fetchall()[0][0]
    print(json.dumps([release, len(connection.execute(query).fetchall())]))
"""


class Analyst:
    """A reader who has opened `current` and reads on, whatever is published meanwhile."""

    def __init__(self, settings: Settings) -> None:
        self.path = settings.published / "current" / DATABASE
        self._connection = duckdb.connect(str(self.path), read_only=True)
        self.expected = self._connection.execute(QUERY).fetchall()
        self._result = self._connection.execute(QUERY)
        self._got = self._result.fetchmany(10)

    def reads_on(self) -> None:
        """The open result gives the rest of the old rows, and a new query on the connection the same."""
        assert self._got + self._result.fetchall() == self.expected
        assert self._connection.execute(QUERY).fetchall() == self.expected
        self._connection.close()

    def seen_by_new_process(self) -> tuple[str, int]:
        """Release and rows that a process sees which opens the file now."""
        shown = subprocess.run(
            [sys.executable, "-c", DIGEST, str(self.path), QUERY],
            capture_output=True,
            text=True,
            check=True,
        )
        release, rows = json.loads(shown.stdout)
        return release, rows


@contextmanager
def process_starter(settings: Settings, repo: Path, as_of: str) -> Iterator[Start]:
    """Starts processes of this repo, as of a day; none outlives it."""
    processes: list[subprocess.Popen[str]] = []

    def start(code: str = REFRESH) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", code],
            cwd=repo,
            env=environment(settings.data, CHOKEPOINT_AS_OF=as_of, PYTHONPATH=str(repo)),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        processes.append(process)
        return process

    try:
        yield start
    finally:
        for process in processes:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
                process.communicate()


def _refreshed(process: subprocess.Popen[str]) -> str:
    # 120 s until 2026-11-25: on a machine that others use too it took longer.
    out, err = process.communicate(timeout=MOST_SECONDS)
    assert process.returncode == 0, out + err
    assert "network: []" in out
    return out


def _killed(process: subprocess.Popen[str]) -> None:
    os.killpg(process.pid, signal.SIGKILL)
    process.communicate()
    assert process.returncode == -signal.SIGKILL


def _status(settings: Settings, run_id: str) -> dg.DagsterRunStatus:
    with working_in(settings), dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(run_id)
        assert run is not None
        return run.status


def _running(settings: Settings) -> str:
    """Run that holds, or last held, the lock."""
    return json.loads(settings.lock.read_text(encoding="utf-8"))["run_id"]


def _log(settings: Settings) -> Path:
    """DuckDB's log of what is not yet in the warehouse."""
    return settings.warehouse.with_name(settings.warehouse.name + ".wal")


def _builds_of_lake(settings: Settings) -> set[str]:
    return {sidecar.build_id for sidecar in lake_sidecars(settings)}


def _left_alone(settings: Settings, old: dict[str, Any], run_id: str) -> None:
    """Before the next refresh: the old release, whole, and a run that still looks as if it ran."""
    assert whole(settings) == old
    assert _status(settings, run_id) is dg.DagsterRunStatus.STARTED


def _killed_while_publishing(settings: Settings, start: Start) -> str:
    mutate(settings, "killed while publishing")
    process = start(PUBLISH)
    wait_until(
        lambda: bool(list(settings.published.glob(f".building-*/{DATABASE}"))),
        process,
        "the release is being built",
    )
    _killed(process)
    assert leftover_names(settings) != []
    return _running(settings)


def _killed_while_dbt_builds(settings: Settings, start: Start) -> str:
    log = _log(settings)
    assert not log.exists()
    process = start()
    wait_until(log.exists, process, "dbt writes to the warehouse")
    _killed(process)
    assert log.exists(), "it was not killed in the midst of dbt"
    return _running(settings)


def _killed_after_the_lake(settings: Settings, start: Start) -> str:
    before = _builds_of_lake(settings)
    process = start(FORCED)
    wait_until(
        lambda: not before & _builds_of_lake(settings),
        process,
        "the lake is written",
    )
    # It is held still in the midst of its work, so that the second one surely meets it. Who waited for it would wait
    # for good: no bound of seconds is needed, and on a busy machine five of them passed before Python had begun.
    os.killpg(process.pid, signal.SIGSTOP)
    run_id = _running(settings)
    second = start()
    out, err = second.communicate(timeout=MOST_SECONDS)
    assert second.returncode == 3, out + err
    said = " ".join(err.split())
    assert f"run {run_id}, pid {process.pid}" in said
    assert "ends without touching anything" in said
    _killed(process)
    assert _builds_of_lake(settings) == {run_id} != before
    return run_id


def killed_thrice_then_refreshed(settings: Settings, repo: Path, as_of: str) -> None:
    """Each kill leaves its own dirt, and one refresh, as of an earlier day, meets all of it at once.

    Half a release, a warehouse with a log of unfinished work, a lake of another build. The first kill is in
    the last step of a refresh, which is begun alone; the third in one that keeps no table of the lake.
    Until 2026-11-25 a whole refresh followed each of the kills: that no two builds of one content make two
    releases is asked in `test_releases.py`.
    """
    old = whole(settings)
    with process_starter(settings, repo, as_of) as start:
        publishing = _killed_while_publishing(settings, start)
        _left_alone(settings, old, publishing)
        half = leftover_names(settings)
        building = _killed_while_dbt_builds(settings, start)
        _left_alone(settings, old, building)
        # The next start notes the death of a run.
        assert _status(settings, publishing) is dg.DagsterRunStatus.FAILURE
        reading = _killed_after_the_lake(settings, start)
        _left_alone(settings, old, reading)
        assert _status(settings, building) is dg.DagsterRunStatus.FAILURE
        assert leftover_names(settings) == half
        assert _log(settings).exists()

        analyst = Analyst(settings)
        assert analyst.seen_by_new_process() == (old["release"], len(analyst.expected))
        _refreshed(start())
    assert _builds_of_lake(settings) == {build_of(settings)}
    assert not _log(settings).exists()
    assert _status(settings, reading) is dg.DagsterRunStatus.FAILURE
    new = whole(settings)
    assert analyst.seen_by_new_process() == (new["release"], new["tables"]["mart_production_share"])
    analyst.reads_on()
