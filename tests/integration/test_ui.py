"""The UI as an engineer uses it: webserver and daemon, the job `refresh` launched and waited for."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dagster_project.release import releases
from dagster_project.settings import Settings
from tests.conftest import command_environment
from tests.failure._helpers import PATIENCE, build_of, copied, whole

LAUNCH = """
mutation ($params: ExecutionParams!) {
  launchRun(executionParams: $params) {
    __typename
    ... on LaunchRunSuccess { run { runId } }
    ... on PythonError { message }
  }
}
"""
STATUS = """
query ($id: ID!) { runOrError(runId: $id) { ... on Run { status jobName } } }
"""
RUNS = "{ runsOrError { ... on Runs { results { runId status jobName tags { key value } } } } }"
SELECTOR = {
    "repositoryName": "__repository__",
    "repositoryLocationName": "chokepoint",
    "jobName": "refresh",
}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running `chokepoint serve`, asked through GraphQL."""

    def __init__(self, port: int) -> None:
        self.address = f"http://127.0.0.1:{port}"

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"{self.address}/graphql", body, {"content-type": "application/json"}
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)

    def wait(self, seconds: float = 90) -> None:
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            try:
                if self.ask("{ version }").get("data"):
                    return
            except (urllib.error.URLError, ConnectionError, TimeoutError):
                time.sleep(0.5)
        raise TimeoutError("the webserver did not answer")


@contextmanager
def serving(data: Path, *options: str) -> Iterator[Server]:
    """`chokepoint serve` on a free port; ended by SIGTERM, as a supervisor would."""
    port = _free_port()
    process = subprocess.Popen(
        [str(Path(sys.executable).parent / "chokepoint"), "serve", "--port", str(port), *options],
        env=command_environment(data),
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
def settings(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    return copied(data, tmp_path_factory.mktemp("ui") / "data")


@pytest.mark.slow
def test_refresh_is_launched_through_webserver_and_daemon(settings: Settings) -> None:
    """And builds in another folder, from the same inputs, the same content: no new release."""
    published = whole(settings)
    with serving(settings.data) as server:
        before = server.ask(RUNS)["data"]["runsOrError"]["results"]
        by_command = [
            run
            for run in before
            if {"key": "chokepoint/started_by", "value": "command"} in run["tags"]
        ]
        assert by_command, "the command's own run must be seen in the UI"
        assert all(run["jobName"] == "refresh" for run in by_command)
        params = {"selector": SELECTOR, "runConfigData": {}, "mode": "default"}
        launched = server.ask(LAUNCH, params=params)["data"]["launchRun"]
        assert launched["__typename"] == "LaunchRunSuccess", launched
        run_id = launched["run"]["runId"]
        # 150 s until 2026-11-25: on a machine that others use too it took longer.
        end = time.monotonic() + PATIENCE
        status = ""
        while time.monotonic() < end and status not in {"SUCCESS", "FAILURE"}:
            status = server.ask(STATUS, id=run_id)["data"]["runOrError"]["status"]
            time.sleep(0.5)
        assert status == "SUCCESS"
    assert build_of(settings) == run_id != published["build_id"]
    assert whole(settings) == published
    assert [folder.name for folder in releases(settings.published)] == [published["release"]]


@pytest.mark.slow
def test_read_only_server_refuses_to_launch(settings: Settings) -> None:
    with serving(settings.data, "--read-only") as server:
        params = {"selector": SELECTOR, "runConfigData": {}, "mode": "default"}
        answer = server.ask(LAUNCH, params=params)
        typename = (answer.get("data") or {}).get("launchRun", {}).get("__typename")
        assert typename != "LaunchRunSuccess", answer
