"""`chokepoint serve`: Dagster's webserver and daemon, together until one ends or a person ends them."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

from rich.console import Console

from dagster_project.cli.exits import Code
from dagster_project.operations import guarded_webserver
from dagster_project.operations.lock import is_held, take
from dagster_project.settings import PROJECT_ROOT, Settings

# Of the kernel: which signal a process gets when its parent dies.
PR_SET_PDEATHSIG = 1


class ServeError(Exception):
    """It can't be served; the text says why, and what to do."""

    def __init__(self, text: str, code: Code) -> None:
        super().__init__(text)
        self.code = code


def serve_ui(settings: Settings, host: str, port: int, *, read_only: bool, has_daemon: bool) -> int:
    """Serve until interrupted; the exit code.

    Raises:
        ServeError: the port is taken, or the data folder has a daemon.
    """
    _refuse_taken_port(host, port)
    held: list[int] = []
    if has_daemon:
        lock = take(settings.daemon_lock, f"of `chokepoint serve` on port {port}")
        if lock is None:
            raise ServeError(
                f"Another daemon works in this data folder ({is_held(settings.daemon_lock)}): two would launch each "
                "run twice. Stop it, or show the UI alone with --no-daemon.",
                Code.RUNNING,
            )
        held.append(lock)
    from dagster import DagsterInstance

    # Webserver, daemon and their code servers begin at once. In an empty folder each would make Dagster's
    # databases; what two of them have marked as new, nobody can open any more.
    with DagsterInstance.get():
        pass
    bin_folder = Path(sys.executable).parent
    # Both read the module and the location's name from [tool.dagster] of pyproject.toml.
    web = [sys.executable, "-m", guarded_webserver.__name__, "-h", host, "-p", str(port)]
    names = [os.environ.get(guarded_webserver.HOSTS_VARIABLE, ""), host]
    os.environ[guarded_webserver.HOSTS_VARIABLE] = ",".join(names)
    commands = [[*web, "--read-only"] if read_only else web]
    if has_daemon:
        commands.append([str(bin_folder / "dagster-daemon"), "run"])
    Console().print(f"http://{host}:{port}  (stop with Ctrl-C)")
    # A supervisor stops us with SIGTERM: it ends the children too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    processes = [begin(command, held) for command in commands]
    try:
        # Webserver and daemon stand or fall together.
        while all(process.poll() is None for process in processes):
            time.sleep(0.5)
        return max(process.poll() or 0 for process in processes)
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()


def begin(command: list[str], held: list[int]) -> subprocess.Popen[bytes]:
    """A child that the kernel ends when we are killed, so that a supervisor may start us anew.

    It holds the lock with us: where it can't be ended (not Linux), a second daemon is refused.
    """
    libc = ctypes.CDLL(None)
    has_signal = sys.platform == "linux"
    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ,
        pass_fds=held,
        preexec_fn=lambda: libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM) if has_signal else None,  # noqa: PLW1509
    )


def _refuse_taken_port(host: str, port: int) -> None:
    """Say in one line what the webserver would say in a traceback, once all else had begun."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise ServeError(
                f"Port {port} of {host} can't be had ({error.strerror}): choose another with --port, or with "
                f"`make dev PORT={port + 1}`.",
                Code.PORT_TAKEN,
            ) from None
