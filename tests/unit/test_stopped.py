"""What stops a command: Ctrl-C, SIGTERM, a closed terminal. And what does not: a halt, and nobody who reads."""

import os
import signal
import socket
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import dagster as dg
import pytest
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.cli.exits import INTERRUPTED, STOPPED
from dagster_project.publishing import questions
from dagster_project.settings import PROJECT_ROOT, Settings
from tests.conftest import run_command
from tests.defs._workspace import working_in
from tests.failure._helpers import environment, settings_of, wait_until

REFRESH = PROJECT_ROOT / "tests" / "campaign" / "_interrupted.py"
WAITING = """
import multiprocessing, os, signal, subprocess, sys
from dagster_project.cli.exits import interruptible
from rich.console import Console
works, *ignored = sys.argv[1:]
# A worker of xdist ignores an interrupt, and children inherit that.
for name, handler in (("SIGINT", signal.default_int_handler), ("SIGTERM", signal.SIG_DFL), ("SIGHUP", signal.SIG_DFL)):
    signal.signal(getattr(signal, name), signal.SIG_IGN if name in ignored else handler)
with interruptible(Console(file=os.fdopen(os.dup(2), "w"))):
    # As dbt, which starts multiprocessing's tracker; as Dagster, whose children would print tracebacks.
    lock = multiprocessing.get_context("spawn").RLock()
    code = f"import time; print('ready', flush=True); time.sleep({works})"
    subprocess.run([sys.executable, "-c", code], check=True)
"""


# What a process hears that may have no thread more (`ulimit -u`, TasksMax of systemd).
WITHOUT_THREADS = WAITING.replace(
    "    code =",
    """    def start(thread):
        raise RuntimeError("can't start new thread")
    import threading
    threading.Thread.start = start
    code =""",
)
PULLING = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.argv = ["chokepoint", "pull", "--source", "un_comtrade", "2023"]
from dagster_project.cli.start import main
main()
"""


def _signalled(
    works: int, *signals: signal.Signals, ignored: str = "", script: str = WAITING
) -> tuple[int, str]:
    """Exit code, and what is said, of a command that gets signals at work, half a second between two.

    Args:
        works: seconds until it ends by itself.
        signals: what it gets.
        ignored: the signal that its shell ignores.
        script: what the process does.
    """
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(works), ignored],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    for number, sent in enumerate(signals):
        time.sleep(0.5 if number else 0)
        # To the children too, as a terminal and systemd do.
        os.killpg(process.pid, sent)
    _, said = process.communicate(timeout=120)
    return process.returncode, said


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [
        (signal.SIGINT, 130, INTERRUPTED),
        (signal.SIGTERM, 143, STOPPED.format("SIGTERM")),
        (signal.SIGHUP, 129, STOPPED.format("SIGHUP")),
    ],
)
def test_what_stops_a_command_is_one_line_and_no_traceback(
    sent: signal.Signals, code: int, said: str
) -> None:
    assert _signalled(2, sent) == (code, f"{said}\n")


@pytest.mark.parametrize(
    ("sent", "code", "said"),
    [(signal.SIGINT, 130, INTERRUPTED), (signal.SIGTERM, 143, STOPPED.format("SIGTERM"))],
)
def test_what_may_start_no_thread_is_stopped_all_the_same(
    sent: signal.Signals, code: int, said: str
) -> None:
    assert _signalled(1, sent, script=WITHOUT_THREADS) == (code, f"{said}\n")


@pytest.mark.parametrize("ignored", [signal.SIGINT, signal.SIGHUP], ids=["background", "nohup"])
def test_what_the_shell_ignores_stops_no_command(ignored: signal.Signals) -> None:
    """A script that is stopped by Ctrl-C leaves its jobs at work; `nohup` outlives its terminal."""
    assert _signalled(1, ignored, ignored=ignored.name) == (0, "")


def test_a_command_that_was_halted_goes_on() -> None:
    """Ctrl-Z and `fg`, or a machine that slept: the wait for a signal ends then, and none has come."""
    assert _signalled(4, *[signal.SIGSTOP, signal.SIGCONT] * 3) == (0, "")


def test_a_refresh_in_the_background_is_stopped_by_sigterm(tmp_path: Path) -> None:
    """Of a job in the background, which ignores interrupts, Dagster would make one that ignores SIGTERM too."""
    settings = settings_of(tmp_path)
    process = subprocess.Popen(
        [sys.executable, str(REFRESH), "SIG_IGN"],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    # Half a refresh: the lock is of the run.
    wait_until(settings.lock.exists, process, "it began")
    wait_until(lambda: "run_id" in settings.lock.read_text("utf-8"), process, "the run began")
    process.terminate()
    _, said = process.communicate(timeout=120)
    assert process.returncode == 128 + signal.SIGTERM
    assert said.splitlines()[-1] == STOPPED.format("SIGTERM")
    assert "Traceback" not in said
    assert _status(settings) is dg.DagsterRunStatus.CANCELED


LOGGED = """
import os, signal, subprocess, time
import psutil
from rich.console import Console
from dagster_project.cli.exits import interruptible
with interruptible(Console(stderr=True)):
    subprocess.Popen(["tail", "-F", "-c", "+0", os.devnull])
    os.kill(os.getpid(), signal.SIGTERM)
    # The run goes on while it is stopped.
    for _ in range({more}):
        subprocess.Popen(["tail", "-F", "-c", "+0", os.devnull])
    time.sleep(60)
"""


@pytest.mark.parametrize("more", [0, 300])
def test_who_is_stopped_leaves_no_reader_of_its_log(more: int) -> None:
    """The reader holds the streams: this would wait for it until the time is over."""
    process = subprocess.Popen(
        [sys.executable, "-c", LOGGED.format(more=more)],
        cwd=PROJECT_ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    try:
        _, said = process.communicate(timeout=60)
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 128 + signal.SIGTERM
    assert said.splitlines() == [STOPPED.format("SIGTERM")]


def _status(settings: Settings) -> dg.DagsterRunStatus:
    """Of the one run."""
    with working_in(settings), dg.DagsterInstance.get() as instance:
        (run,) = instance.get_runs()
    return run.status


def test_an_interrupt_of_a_pull_is_one_line(tmp_path: Path) -> None:
    """Its publisher is a proxy that never answers."""
    with socket.create_server(("127.0.0.1", 0)) as publisher:
        publisher.settimeout(120)
        more = {
            "CHOKEPOINT_INPUT": "live",
            "CHOKEPOINT_INCLUDE_RESTRICTED": "1",
            "CHOKEPOINT_CONTACT": "tests@example.org",
            "HTTPS_PROXY": f"http://127.0.0.1:{publisher.getsockname()[1]}",
            "NO_PROXY": "",
            "no_proxy": "",
        }
        process = subprocess.Popen(
            [sys.executable, "-c", PULLING],
            env=environment(tmp_path, **more),
            cwd=PROJECT_ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        asked, _ = publisher.accept()
        with asked:
            process.send_signal(signal.SIGINT)
            _, said = process.communicate(timeout=120)
    assert (process.returncode, said) == (130, f"{INTERRUPTED}\n")
    assert _status(settings_of(tmp_path)) is dg.DagsterRunStatus.CANCELED


UNREAD = """
import os, sys, time
from contextlib import closing
from dagster_project.cli.streams import stand
stand()
assert os.open(os.devnull, os.O_RDONLY) > 2, "a file of ours has a standard descriptor"
from dagster_project.cli.progress import ShownProgress
time.sleep(0.5)
with closing(ShownProgress()) as progress:
    progress.began("work")
if sys.argv[2:]:
    for _ in range(3):
        print("report", flush=True)
open(sys.argv[1], "w").write("done")
"""


@pytest.mark.parametrize(
    "streams", ["2>&-", "<&- >&- 2>&-", "2>/dev/full", "2>&1 report | true", "report >&-"]
)
def test_nobody_who_reads_stops_no_work(tmp_path: Path, streams: str) -> None:
    """Streams that were closed, a full disk behind the log of progress, or a reader that has ended."""
    done = tmp_path / "done"
    command = f'set -o pipefail; "{sys.executable}" -c "$0" "{done}" {streams}'
    run = subprocess.run(
        ["bash", "-c", command, UNREAD], cwd=PROJECT_ROOT, capture_output=True, check=False
    )
    assert run.returncode == 0, run.stderr
    assert b"Traceback" not in run.stderr
    assert done.read_text("utf-8") == "done"


def test_help_that_a_full_disk_cannot_take_ends_in_one_line() -> None:
    command = f'"{Path(sys.executable).with_name("chokepoint")}" --help > /dev/full'
    run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=False)
    assert run.returncode == 6
    (line,) = run.stderr.splitlines()
    assert "No space left on device; next: make room on the disk" in line


@pytest.mark.parametrize("columns", ["0", "30"])
def test_a_narrow_terminal_cuts_no_path(tmp_path: Path, columns: str) -> None:
    """Some terminals say that they have no columns at all."""
    (tmp_path / "with-a-name-of-its-own").mkdir()
    folder = tmp_path / "with-a-name-of-its-own"
    run = run_command("status", data=folder, COLUMNS=columns)
    assert str(folder) in "".join(run.stdout.split()).replace("│", "")


def test_an_assistant_that_is_gone_leaves_no_traceback(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    tools = pytest.importorskip("dagster_project.cli.tools")

    class Served:
        def __init__(self, _: object) -> None:
            """Of no release."""

        def run(self, _: str) -> None:
            raise ExceptionGroup("tasks", [ExceptionGroup("writer", [BrokenPipeError()])])

    about = settings_of(tmp_path).published / "current" / "release.json"
    about.parent.mkdir(parents=True)
    about.touch()
    monkeypatch.setattr(tools, "server", Served)
    monkeypatch.setattr(questions, "Release", str)
    ended = CliRunner().invoke(app, ["mcp"], env={"CHOKEPOINT_DATA": str(tmp_path)})
    assert (ended.exit_code, ended.exception) == (0, None)
