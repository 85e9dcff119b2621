"""What a person at a terminal sees: progress that moves, one line and a code where a command ends early."""

import errno
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import typer
from typer.testing import CliRunner

from dagster_project.cli import commands
from dagster_project.cli.exits import INTERRUPTED, Code, Commands, code_of, in_words
from dagster_project.operations.lock import is_held, take
from dagster_project.operations.refresh import RefreshReport
from dagster_project.settings import PROJECT_ROOT
from tests.conftest import run_command
from tests.failure._helpers import environment, settings_of
from tests.ports import free_port

# As Dagster does while a step runs: the descriptors lead into its own files.
REDIRECTED = """
import os, sys, time
from contextlib import closing
from dagster_project.cli.progress import ShownProgress
with closing(ShownProgress()) as progress:
    progress.began("loading definitions")
    own = os.open(sys.argv[1], os.O_WRONLY | os.O_CREAT)
    os.dup2(own, 1), os.dup2(own, 2)
    progress.expect(3)
    for name in ("mart_a", "mart_b", "mart_b"):
        progress.ended(name)
    time.sleep(1.3)
"""


def _pty_output(code: str, log: Path) -> str:
    """What a terminal got from a Python program that ran to its end."""
    primary, secondary = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", code, str(log)],
        cwd=PROJECT_ROOT,
        env={**os.environ, "TERM": "xterm", "COLUMNS": "100"},
        stdin=secondary,
        stdout=secondary,
        stderr=secondary,
    ) as process:
        os.close(secondary)
        got = b""
        while process.poll() is None or select.select([primary], [], [], 0)[0]:
            if select.select([primary], [], [], 0.1)[0]:
                try:
                    got += os.read(primary, 65536)
                except OSError:
                    break
    os.close(primary)
    assert process.returncode == 0, got
    return got.decode()


def test_progress_moves_on_a_terminal_whatever_the_descriptors_become(tmp_path: Path) -> None:
    got = _pty_output(REDIRECTED, tmp_path / "log")
    assert "2 of 3" in got
    # The clock went on while nothing was told.
    assert "0:00:00" in got
    assert re.search(r"0:00:0[1-9]", got)
    assert (tmp_path / "log").read_bytes() == b""


def test_progress_is_plain_lines_elsewhere(tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-c", REDIRECTED, str(tmp_path / "log")],
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    # The next line would come after five seconds.
    assert run.stderr.split() == ["0", "s", "loading", "definitions"]
    assert "\x1b" not in run.stderr


@pytest.mark.slow
def test_an_interrupt_of_serve_while_it_loads_is_one_line(tmp_path: Path) -> None:
    """Webserver, daemon and their code servers are then amid imports, where a signal becomes a traceback."""
    port = str(free_port())
    program = str(Path(sys.executable).parent / "chokepoint")
    pid, terminal = pty.fork()
    if pid == 0:
        # A worker of xdist ignores it, and children inherit that.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        more = {"TERM": "dumb", "COLUMNS": "200"}
        os.execve(program, [program, "serve", "--port", port], environment(tmp_path, **more))
    got, children = b"", []
    while data := _read(terminal):
        got += data
        if b"Ctrl-C" in got and not children:
            server = psutil.Process(pid)
            while len(children := server.children(recursive=True)) < 3:
                time.sleep(0.05)
            os.write(terminal, b"\x03")
    os.close(terminal)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == Code.INTERRUPTED
    lines = got.decode().replace("^C", "").split("\r\n")
    assert lines == [f"http://127.0.0.1:{port}  (stop with Ctrl-C)", INTERRUPTED, ""]
    gone, alive = psutil.wait_procs(children, timeout=120)
    assert (len(gone), alive) == (len(children), [])


def _read(terminal: int) -> bytes:
    """What it has; nothing once nobody writes to it any more."""
    assert select.select([terminal], [], [], 120)[0], "neither a word nor an end for two minutes"
    try:
        return os.read(terminal, 65536)
    except OSError:
        return b""


@pytest.mark.parametrize("at_start", ["SIG_DFL", "SIG_IGN"])
def test_children_are_ended_by_sigterm(at_start: str) -> None:
    """Dagster ends so what copies its logs: one that lived on would hold the pipe of who reads our output."""
    code = (
        "import os, signal, subprocess\n"
        # Who is begun by a background job with Dagster in it ignores SIGTERM, and its children would inherit it.
        f"signal.signal(signal.SIGTERM, signal.{at_start})\n"
        "from rich.console import Console\n"
        "from dagster_project.cli.exits import interruptible\n"
        "with interruptible(Console()):\n"
        "    child = subprocess.Popen(['sleep', '60'])\n"
        "    child.terminate()\n"
        "    raise SystemExit(-child.wait())\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], cwd=PROJECT_ROOT, timeout=120, check=False)
    assert ended.returncode == signal.SIGTERM


def test_an_interrupt_of_a_short_command_is_one_line() -> None:
    app = typer.Typer(cls=Commands)

    @app.command()
    def one() -> None:
        raise KeyboardInterrupt

    @app.command()
    def two() -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "/srv/lake")

    @app.command()
    def three() -> None:
        raise ValueError("a fault of ours")

    run = CliRunner()
    interrupted = run.invoke(app, ["one"])
    assert (interrupted.exit_code, interrupted.output.strip()) == (130, INTERRUPTED)
    full = run.invoke(app, ["two"])
    assert full.exit_code == Code.DISK_FULL == 6
    assert len(full.output.splitlines()) == 1
    assert "'/srv/lake'; next: make room on the disk" in full.output
    # What is a fault of ours keeps its traceback.
    assert isinstance(run.invoke(app, ["three"]).exception, ValueError)


def test_errors_are_known_by_what_they_say() -> None:
    assert code_of("IO Error: Could not write file: No space left on device") == Code.DISK_FULL
    assert code_of("(sqlite3.OperationalError) database or disk is full") == Code.DISK_FULL
    assert code_of("(sqlite3.OperationalError) disk I/O error") == Code.DISK_FULL
    assert code_of("[Errno 30] Read-only file system: '/x'") == Code.NOT_WRITABLE
    assert code_of("usgs_mcs: a label is not mapped") == Code.FAILED
    assert in_words("usgs_mcs: a label is not mapped\n  next: map it").endswith("map it")
    assert len(in_words("No space left on device\nand a trace").splitlines()) == 1
    by_dbt = (
        "mart_x: Runtime Error in model mart_x (x.sql)\n  IO Error: File too large; next: ask us"
    )
    assert in_words(by_dbt) == (
        "mart_x: Runtime Error in model mart_x (x.sql): IO Error: File too large; "
        "next: make room on the disk, or set CHOKEPOINT_DATA to a folder on another"
    )


def test_a_run_that_filled_the_disk_has_its_code(capsys: pytest.CaptureFixture[str]) -> None:
    report = RefreshReport(
        "run", errors=["not published: No space left on device: '/srv'\n  next: x"]
    )
    with pytest.raises(typer.Exit) as ended:
        commands._print_report(report, "refresh", [])
    assert ended.value.exit_code == Code.DISK_FULL
    assert "next: make room on the disk" in " ".join(capsys.readouterr().err.split())


def test_a_folder_that_cannot_be_written_is_one_line() -> None:
    for command in ("refresh", "serve"):
        run = run_command(command, data=Path("/sys/chokepoint"))
        assert run.returncode == Code.NOT_WRITABLE == 5, run.stderr
        assert "set CHOKEPOINT_DATA to a folder that you may write" in run.stderr
        assert len(run.stderr.splitlines()) == 1


@pytest.mark.parametrize("encoding", ["ascii", "utf-8"])
def test_letters_that_a_terminal_lacks_end_nothing(tmp_path: Path, encoding: str) -> None:
    run = run_command("status", data=tmp_path / "données ≤", PYTHONIOENCODING=encoding)
    # Nothing is published there, which is what it has to say.
    assert run.returncode in {0, 1}
    assert "Traceback" not in run.stderr + run.stdout
    assert "Error" not in run.stderr
    assert "donn" in run.stdout + run.stderr


def test_a_second_daemon_is_refused(tmp_path: Path) -> None:
    """Two would launch each due run twice."""
    settings = settings_of(tmp_path)
    held = take(settings.daemon_lock, "of `chokepoint serve` on port 3000")
    assert held is not None
    try:
        run = run_command("serve", "--port", str(free_port()), data=tmp_path)
    finally:
        os.close(held)
    assert run.returncode == Code.RUNNING == 3
    assert f"`chokepoint serve` on port 3000, pid {os.getpid()}" in run.stderr
    assert "--no-daemon" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    again = take(settings.daemon_lock, "another")
    assert again is not None
    os.close(again)


DAEMON = """
import signal, sys, time
from pathlib import Path
from dagster_project.cli.serve import begin
from dagster_project.operations.lock import is_held, take
for number in (signal.SIGINT, signal.SIGTERM):
    signal.signal(number, getattr(signal, sys.argv[2]))
held = take(Path(sys.argv[1]), "serve")
child = begin([sys.executable, "-c", "import time; time.sleep(600)"], [held])
print(child.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel is asked to end the children")
@pytest.mark.parametrize("signals", ["SIG_DFL", "SIG_IGN"], ids=["foreground", "background"])
def test_a_killed_server_leaves_no_daemon_and_frees_its_folder(
    tmp_path: Path, signals: str
) -> None:
    """A shell's background job ignores SIGINT, and Dagster, once loaded, SIGTERM too."""
    lock = settings_of(tmp_path).daemon_lock
    command = [sys.executable, "-c", DAEMON, str(lock), signals]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=PROJECT_ROOT) as server:
        assert server.stdout is not None
        child = psutil.Process(int(server.stdout.readline()))
        assert is_held(lock)
        # Ctrl-C of the terminal reaches the server alone, which ends the child.
        assert os.getpgid(child.pid) != os.getpgid(server.pid)
        server.kill()
        server.wait()
        child.wait(timeout=60)
    assert is_held(lock) is None


def test_the_atlas_is_opened(tmp_path: Path) -> None:
    none = run_command("atlas", data=tmp_path)
    assert (none.returncode, none.stderr.strip()) == (
        1,
        "There is no release yet: run `make refresh`.",
    )
    page = tmp_path / "published" / "2026.1.1" / "atlas.html"
    page.parent.mkdir(parents=True)
    page.touch()
    (tmp_path / "published" / "current").symlink_to("2026.1.1")
    run = run_command("atlas", data=tmp_path, BROWSER="echo shows %s")
    assert run.returncode == 0, run.stderr
    assert f"shows {page.as_uri()}" in run.stdout


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A checkout that is set up, whose command ends with code 4."""
    shutil.copy(PROJECT_ROOT / "Makefile", tmp_path)
    command = tmp_path / ".venv" / "bin" / "chokepoint"
    uv = tmp_path / ".tools" / "uv" / "bin" / "uv"
    for path in (command, uv):
        path.parent.mkdir(parents=True)
        path.write_text('#!/bin/sh\necho "$@"\nexit 4\n')
        path.chmod(0o755)
    for name in ("pyproject.toml", "uv.lock", ".venv/.synced"):
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    return tmp_path


def _make(folder: Path, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    # Under `make test` a make of ours would take itself for a part of that one.
    own = {name: text for name, text in environment(folder, **more).items() if "MAKE" not in name}
    return subprocess.run(
        ["make", "--no-print-directory", *arguments],
        cwd=folder,
        env=own,
        capture_output=True,
        text=True,
        check=False,
    )


def test_make_tells_the_code_and_hands_on_host_and_port(folder: Path) -> None:
    run = _make(folder, "dev", "HOST=0.0.0.0", "PORT=3001")
    assert run.stdout.split() == ["serve", "--development", "--host", "0.0.0.0", "--port", "3001"]
    assert "Error 4" in run.stderr
    # A shell's own HOST is none of ours.
    assert _make(folder, "serve", HOST="x86_64-conda-linux-gnu", PORT="1").stdout.split() == [
        "serve"
    ]
    assert _make(folder, "atlas").stdout.split() == ["atlas"]


def test_make_says_which_python_it_needs(folder: Path) -> None:
    os.utime(folder / ".venv/.synced", (0, 0))
    run = _make(folder, "refresh", "PYTHON=/bin/false")
    said = run.stderr.splitlines()
    assert said[0].startswith("Python 3.11, 3.12 or 3.13 is needed and /bin/false is another")
    assert len(said) == 2
    assert "Error 7" in said[1]


def test_make_clean_leaves_the_data_unless_told(folder: Path) -> None:
    assert _make(folder, "clean", DATA="yes").returncode == 0
    assert (folder / "data").is_dir()
    assert not (folder / ".venv").exists()
    _make(folder, "clean", "DATA=yes")
    assert not (folder / "data").exists()
