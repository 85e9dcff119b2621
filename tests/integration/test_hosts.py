"""Dagster on PostgreSQL: webserver, daemon and code server apart, each with a home of its own; killed, and two hosts.

The tests go on from each other: of the refresh only its last step is run, twice, since each process costs seconds.
"""

import json
import os
import subprocess
import sys
import time
import urllib.error
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psutil
import pytest
from sqlalchemy import NullPool, create_engine

from dagster_project.operations import hosts
from dagster_project.publishing.releases import current_release
from dagster_project.settings import Settings
from tests.conftest import command_environment, run_command
from tests.failure._helpers import MOST_SECONDS, copied
from tests.integration.test_ui import LAUNCH, SELECTOR, Server
from tests.ports import free_port
from tests.postgres import PASSWORD, QUOTED, library, server

pytestmark = pytest.mark.slow

CHOKEPOINT = str(Path(sys.executable).parent / "chokepoint")
# In a folder on PYTHONPATH: another host, as far as a program of Python can tell.
ANOTHER_HOST = 'import socket\nsocket.gethostname = lambda: "{name}"\n'
RUN = """
query ($id: ID!) {
  runOrError(runId: $id) { ... on Run { status tags { key value } } }
}
"""
SHOWN = "{ instance { info } }"
PROCESS_TAG = "chokepoint/process"


@dataclass
class Deployment:
    """Processes of one database, each a group of its own, so that one can be killed alone."""

    url: str
    folder: Path
    code: Settings
    code_port: int = field(default_factory=free_port)
    ui_port: int = field(default_factory=free_port)
    running: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    def environment(self, host: str) -> dict[str, str]:
        """Of a process on this host."""
        patched = self.folder / f"python-{host}"
        patched.mkdir(exist_ok=True)
        (patched / "sitecustomize.py").write_text(ANOTHER_HOST.format(name=host), encoding="utf-8")
        return {
            "CHOKEPOINT_POSTGRES_URL": self.url,
            "CHOKEPOINT_CODE_SERVER": f"127.0.0.1:{self.code_port}",
            "CHOKEPOINT_AUTOMATION": "off",
            "PYTHONPATH": os.pathsep.join([str(patched), library()]),
        }

    def start(self, name: str, home: Path, *command: str) -> None:
        with (self.folder / f"{name}.log").open("ab") as log:
            self.running[name] = subprocess.Popen(
                [CHOKEPOINT, *command],
                env=command_environment(home, **self.environment(f"host-of-{name}")),
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def start_code(self) -> None:
        self.start("code", self.code.data, "code-server", "--port", str(self.code_port))

    def start_daemon(self) -> None:
        self.start("daemon", self.folder / "daemon", "serve", "--no-ui")

    def start_ui(self) -> None:
        port = ["--port", str(self.ui_port)]
        self.start("ui", self.folder / "ui", "serve", "--no-daemon", *port)

    def kill(self, name: str) -> None:
        """SIGKILL to a process and what it started, but not to the runs of a code server."""
        process = psutil.Process(self.running[name].pid)
        also = [] if name == "code" else process.children(recursive=True)
        for one in (process, *also):
            one.kill()
        self.running.pop(name).wait()

    def on_another_host(self, *command: str) -> subprocess.CompletedProcess[str]:
        return run_command(
            *command, data=self.folder / "second", timeout=120, **self.environment("second-host")
        )

    def said(self) -> str:
        return "".join(path.read_text("utf-8") for path in sorted(self.folder.glob("*.log")))

    @property
    def ui(self) -> Server:
        return Server(self.ui_port)

    def launch(self) -> str:
        """Launch the last step of a refresh, once the code server answers; the run's id."""
        params = {"selector": SELECTOR, "runConfigData": {}, "mode": "default"}

        def launched() -> str | None:
            try:
                answer = self.ui.ask(LAUNCH, params=params).get("data") or {}
            except urllib.error.HTTPError:
                return None
            return (answer.get("launchRun") or {}).get("run", {}).get("runId")

        return self.until("a run is launched", launched)

    def run(self, run_id: str) -> dict[str, Any]:
        return self.ui.ask(RUN, id=run_id)["data"]["runOrError"]

    def status(self, run_id: str, *, seconds: float = MOST_SECONDS) -> str:
        """How the run ended."""

        def ended() -> str | None:
            status = self.run(run_id)["status"]
            return status if status in {"SUCCESS", "FAILURE", "CANCELED"} else None

        return self.until(f"run {run_id} ends", ended, seconds=seconds)

    def stopped_worker(self, run_id: str) -> psutil.Process:
        """The process of the run, halted as soon as it has said that the run is its, and holds the lock."""

        def named() -> psutil.Process | None:
            for tag in self.run(run_id)["tags"]:
                if tag["key"] == PROCESS_TAG:
                    assert tag["value"].endswith(" on host-of-code")
                    return psutil.Process(int(tag["value"].partition("@")[0]))
            return None

        worker = self.until("the run has a process", named, every=0.02)
        if library() not in sys.path:
            sys.path.append(library())
        url = self.url.replace("postgresql://", "postgresql+psycopg2://")
        with create_engine(url, poolclass=NullPool).connect() as connection:
            held = hosts.HELD, {"key": hosts._key(hosts.REFRESH)}
            self.until("the run has the lock", lambda: connection.execute(*held).all(), every=0.02)
            worker.suspend()
            [holder] = connection.execute(*held).all()
        assert holder.application_name.startswith(f"run {run_id[:8]}, ")
        return worker

    def until(
        self,
        what: str,
        found: Callable[[], Any],
        *,
        seconds: float = MOST_SECONDS,
        every: float = 0.3,
    ) -> Any:
        end = time.monotonic() + seconds
        while not (answer := found()):
            assert time.monotonic() < end, f"never happened: {what}\n{self.said()[-6000:]}"
            time.sleep(every)
        return answer


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    with server() as url:
        yield url


@pytest.fixture(scope="module")
def deployed(
    database: str, few: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Deployment]:
    folder = tmp_path_factory.mktemp("hosts")
    deployment = Deployment(database, folder, copied(few, folder / "data"))
    (deployment.code.data / "dagster" / "dagster.yaml").unlink()
    deployment.start_code()
    deployment.start_daemon()
    deployment.start_ui()
    try:
        deployment.ui.wait(MOST_SECONDS)
        yield deployment
    finally:
        for name in list(deployment.running):
            deployment.kill(name)


@pytest.fixture(scope="module")
def dead(deployed: Deployment) -> str:
    """A run whose worker died with its code server, as both do with a host; another code server took its place."""
    run_id = deployed.launch()
    worker = deployed.stopped_worker(run_id)
    deployed.kill("code")
    worker.kill()
    deployed.start_code()
    return run_id


def test_the_run_of_a_dead_worker_fails_within_a_minute(deployed: Deployment, dead: str) -> None:
    """The daemon, on another host, finds it out."""
    assert deployed.status(dead, seconds=60) == "FAILURE"
    tags = {tag["key"]: tag["value"] for tag in deployed.run(dead)["tags"]}
    assert tags["chokepoint/transient"] == "its process died"


def test_a_second_daemon_is_refused(deployed: Deployment) -> None:
    second = deployed.on_another_host("serve", "--no-ui")
    assert second.returncode == 3, second.stdout + second.stderr
    assert "Another daemon works on this database (daemon, pid" in second.stderr
    assert "on host-of-daemon" in second.stderr


def test_the_next_refresh_outlives_daemon_code_server_and_another_host(
    deployed: Deployment, dead: str
) -> None:
    """Halted in its midst it holds the lock; another host ends at once, and does not bury it. Then it ends well."""
    published = current_release(deployed.code.published)
    run_id = deployed.launch()
    worker = deployed.stopped_worker(run_id)
    try:
        deployed.kill("daemon")
        deployed.kill("code")
        second = deployed.on_another_host("refresh")
        assert second.returncode == 3, second.stdout + second.stderr
        holder = f"run {run_id[:8]}, pid {worker.pid} on host-of-code, since "
        assert f"Another refresh is running ({holder}" in second.stderr
        assert deployed.run(run_id)["status"] == "STARTED"
    finally:
        worker.resume()
    assert deployed.status(run_id) == "SUCCESS"
    assert current_release(deployed.code.published) == published


def test_the_password_is_in_no_log_and_no_file(deployed: Deployment) -> None:
    written = [path for path in deployed.folder.rglob("*") if path.is_file()]
    homes = [path for path in written if {"dagster", "state"} & set(path.parts)]
    for path in [*homes, *deployed.folder.glob("*.log")]:
        content = path.read_bytes()
        assert PASSWORD.encode() not in content, path
        assert QUOTED.encode() not in content, path
    shown = json.dumps(deployed.ui.ask(SHOWN))
    assert PASSWORD not in shown
    assert QUOTED not in shown
    for name, process in deployed.running.items():
        for one in (p := psutil.Process(process.pid), *p.children(recursive=True)):
            assert not [a for a in one.cmdline() if QUOTED in a or PASSWORD in a], name
