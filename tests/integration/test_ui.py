"""The UI as an engineer uses it: webserver and daemon, the job `refresh` launched and waited for, and a backfill.

Of the refresh its last step, to be short: a whole one that the daemon runs is in `test_live_daemon.py`.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from dagster_project.publishing.releases import releases
from dagster_project.settings import Settings
from tests.conftest import command_environment
from tests.failure._helpers import MOST_SECONDS, copied, whole
from tests.mirror import comext, comtrade
from tests.mirror.server import Answer, Mirror, running
from tests.ports import free_port

LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
BACKFILL = """
mutation ($params: LaunchBackfillParams!) {
  launchPartitionBackfill(backfillParams: $params) {
    __typename
    ... on LaunchBackfillSuccess { backfillId }
    ... on PythonError { message }
  }
}
"""
STATUS = """
query ($id: ID!) {
  runOrError(runId: $id) {
    ... on Run {
      status
      jobName
      assetMaterializations { assetKey { path } metadataEntries { label ... on BoolMetadataEntry { boolValue } } }
    }
  }
}
"""
PARTITIONS = """
query ($name: String!, $repository: RepositorySelector!) {
  partitionSetOrError(partitionSetName: $name, repositorySelector: $repository) {
    ... on PartitionSet {
      partitionStatusesOrError {
        ... on PartitionStatuses { results { partitionName runStatus } }
      }
    }
  }
}
"""
RUNS = "{ runsOrError { ... on Runs { results { runId status jobName tags { key value } } } } }"
REPOSITORY = {"repositoryName": "__repository__", "repositoryLocationName": "chokepoint"}
RELEASE = ["published", "release"]
YEARS = ["2023", "2024"]
MONTH = "2025-05"
MONTHS = "pull_eurostat_comext_months"
STARTS_NOTHING = """
from types import SimpleNamespace
from dagster_project.cli import commands, serve
def start(*_, **__):
    raise SystemExit(17)
serve.subprocess = SimpleNamespace(Popen=start)
commands.app(["serve"])
"""
SELECTOR = {
    **REPOSITORY,
    "jobName": "refresh",
    "assetSelection": [{"path": RELEASE}],
    "assetCheckSelection": [],
}


class Server:
    """A running `chokepoint serve`, asked through GraphQL."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"{self.address}/graphql", body, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=120) as response:
            return json.load(response)

    def until(self, query: str, done: Callable[[Any], bool], **variables: Any) -> Any:
        """The answer's data once it is so."""
        end = time.monotonic() + MOST_SECONDS
        while not done(data := self.ask(query, **variables)["data"]):
            assert time.monotonic() < end, data
            time.sleep(0.5)
        return data

    def wait(self, seconds: float = MOST_SECONDS) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.ask("{ version }").get("data"):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.5)
        raise TimeoutError("the webserver did not answer")


@contextmanager
def serving(data: Path, *options: str, **more: str) -> Iterator[Server]:
    """`chokepoint serve` on a free port; ended by SIGTERM, as a supervisor would."""
    port = free_port()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "chokepoint"), "serve", "--port", str(port), *options],
        env=command_environment(data, **more),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        server = Server(port)
        server.wait()
        yield server
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=60)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise


@pytest.fixture(scope="module")
def settings(few: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(few, tmp_path_factory.mktemp("ui") / "data")


class Held:
    """UN Comtrade's mirror, whose answers come only once they are let go."""

    def __init__(self, mirror: Mirror) -> None:
        self.let_go = threading.Event()
        rows = [comtrade.row("842", "156", "280530", year, "M", value=10.0) for year in YEARS]
        comtrade.publish(mirror, rows, preview_rows=500, keyed_rows=100_000)
        path = "/data/v1/get/C/A/HS"
        answer, _ = mirror.take(comtrade.HOST, path)
        assert callable(answer)

        def held(query: dict[str, str], headers: dict[str, str]) -> Answer:
            self.let_go.wait(MOST_SECONDS)
            return answer(query, headers)

        self.asked = lambda: mirror.requests(f"https://{comtrade.HOST}{path}")
        mirror.put(f"https://{comtrade.HOST}{path}", held)


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Held, dict[str, str]]]:
    with running({comtrade.HOST, comext.HOST}, tmp_path) as (mirror, environment):
        made = Held(mirror)
        rows = [comext.row("DE", "CN", "81129289", 100, 50)]
        comext.publish(mirror, {MONTH: comext.archive(MONTH, rows)})
        yield made, {**environment, "COMTRADE_API_KEY": comtrade.KEY}
        made.let_go.set()


def _backfill(server: Server, job: str, partitions: list[str]) -> None:
    backfill = {
        "selector": {
            "partitionSetName": f"{job}_partition_set",
            "repositorySelector": REPOSITORY,
        },
        "partitionNames": partitions,
    }
    launched = server.ask(BACKFILL, params=backfill)["data"]["launchPartitionBackfill"]
    assert launched["__typename"] == "LaunchBackfillSuccess", launched


def _statuses(data: dict[str, Any]) -> dict[str, str]:
    """What the UI shows of each partition that was asked for."""
    found = data["partitionSetOrError"]["partitionStatusesOrError"]["results"]
    return {each["partitionName"]: each["runStatus"] for each in found if each["runStatus"]}


@pytest.mark.slow
def test_a_refresh_and_a_backfill_are_launched_through_webserver_and_daemon(
    settings: Settings, held: tuple[Held, dict[str, str]]
) -> None:
    """What is published already makes no new release.

    Beside it two years of UN Comtrade are pulled, one after the other: its publisher counts calls a second; and
    a month of Eurostat, which stands as pulled among the months.
    """
    published = whole(settings)
    publisher, environment = held
    with serving(settings.data, **environment) as server:
        before = server.ask(RUNS)["data"]["runsOrError"]["results"]
        by_command = [
            run
            for run in before
            if {"key": "chokepoint/started_by", "value": "command"} in run["tags"]
        ]
        assert by_command, "the command's own run must be seen in the UI"
        assert all(run["jobName"] == "refresh" for run in by_command)

        def pulls(data: dict[str, Any]) -> list[str]:
            runs = data["runsOrError"]["results"]
            return sorted(run["status"] for run in runs if run["jobName"] == "pull_un_comtrade")

        _backfill(server, "pull_un_comtrade", YEARS)
        _backfill(server, MONTHS, [MONTH])
        params = {"selector": SELECTOR, "runConfigData": {}, "mode": "default"}
        launched = server.ask(LAUNCH, params=params)["data"]["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]
        run = server.until(
            STATUS, lambda data: data["runOrError"]["status"] in {"SUCCESS", "FAILURE"}, id=run_id
        )["runOrError"]
        # The first pull was under way all the time; the second waits in the queue.
        data = server.until(RUNS, lambda data: "STARTED" in pulls(data) and bool(publisher.asked()))
        assert pulls(data) == ["QUEUED", "STARTED"]
        publisher.let_go.set()
        server.until(RUNS, lambda data: pulls(data) == ["SUCCESS", "SUCCESS"])
        shown = {"name": f"{MONTHS}_partition_set", "repository": REPOSITORY}
        server.until(PARTITIONS, lambda data: MONTH in _statuses(data), **shown)
        months = server.until(
            PARTITIONS, lambda data: _statuses(data)[MONTH] in {"SUCCESS", "FAILURE"}, **shown
        )
    assert _statuses(months) == {MONTH: "SUCCESS"}
    [pulled_month] = (settings.drop / "eurostat_comext_months").glob("M202505_*.yml")
    assert "full_v2_202505.7z" in pulled_month.read_text(encoding="utf-8")
    assert (run["status"], run["jobName"]) == ("SUCCESS", "refresh")
    [made] = run["assetMaterializations"]
    assert made["assetKey"]["path"] == RELEASE
    assert {"label": "is_new", "boolValue": False} in made["metadataEntries"]
    assert whole(settings) == published
    assert [folder.name for folder in releases(settings.published)] == [published["release"]]
    assert {seen.query["period"] for seen in publisher.asked()} == set(YEARS)
    for year in YEARS:
        pulled = pl.read_parquet(settings.raw / "un_comtrade" / f"declarations_{year}.parquet")
        assert pulled["period"].to_list() == [year]
    assert len(list((settings.drop / "un_comtrade").glob("API20*.yml"))) == 2
    written = [path for path in settings.dagster_home.rglob("*") if path.is_file()]
    assert [path for path in written if path.suffix == ".db"]
    assert not [path for path in written if comtrade.KEY.encode() in path.read_bytes()]


@pytest.mark.slow
def test_read_only_server_refuses_to_launch(settings: Settings) -> None:
    with serving(settings.data, "--read-only", "--no-daemon") as server:
        params = {"selector": SELECTOR, "runConfigData": {}, "mode": "default"}
        answer = server.ask(LAUNCH, params=params)
        typename = (answer.get("data") or {}).get("launchRun", {}).get("__typename")
        assert typename != "LaunchRunSuccess", answer


@pytest.mark.slow
def test_the_databases_are_made_before_two_processes_could(tmp_path: Path) -> None:
    """Two that mark one database as new leave it with two versions, and Dagster can't open it any more."""
    started = subprocess.run(
        [sys.executable, "-c", STARTS_NOTHING],
        env=command_environment(tmp_path),
        capture_output=True,
        text=True,
        check=False,
    )
    assert started.returncode == 17, started.stderr
    versions = {}
    for path in (tmp_path / "dagster").rglob("*.db"):
        with sqlite3.connect(path) as connection:
            found = connection.execute("select count(*) from alembic_version").fetchall()
        versions[path.name] = found[0][0]
    assert versions == dict.fromkeys(("index.db", "runs.db", "schedules.db"), 1)
