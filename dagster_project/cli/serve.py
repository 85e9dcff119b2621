"""`chokepoint serve`: Dagster's webserver and daemon, together until one ends or a person ends them; `chokepoint code-server`."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, NoReturn

import typer
import yaml
from rich.console import Console

from dagster_project.cli import code_server as cli_code_server
from dagster_project.cli.exits import Code, stop
from dagster_project.cli.ready import mend, reader_settings, refreshing_elsewhere
from dagster_project.operations import alerts, daemon, guarded_webserver, ports
from dagster_project.operations.lock import is_held, take
from dagster_project.settings import PROJECT_ROOT, Settings

# Of the kernel: which signal a process gets when its parent dies.
PR_SET_PDEATHSIG = 1
MOST_PORT = 65535
# It loads our definitions first, and parses dbt's project where that is new.
CODE_SERVER_SECONDS = 600
# With which the webserver ends where it can't listen (uvicorn's STARTUP_FAILURE).
NOT_STARTED = 3
WEBSERVER = "webserver"


class ServeError(Exception):
    """It can't be served; the text says why, and what to do."""

    def __init__(self, text: str, code: Code) -> None:
        super().__init__(text)
        self.code = code


def serve_ui(
    settings: Settings,
    host: str,
    port: int,
    *,
    read_only: bool,
    has_ui: bool,
    has_daemon: bool,
    code_server: str,
) -> int:
    """Serve until interrupted; the exit code.

    Args:
        settings: where things lie.
        host: address of the UI.
        port: of the UI.
        read_only: whether it launches nothing.
        has_ui: whether the webserver runs here.
        has_daemon: whether the daemon runs here.
        code_server: `host:port` of a code server; without one, webserver and daemon each start their own.

    Raises:
        ServeError: the port is taken or becomes so, there is a daemon, or somebody killed one of the two.
    """
    workspace = _workspace(settings, code_server) if code_server else []
    # Ours until we end, though nothing listens yet.
    reserved = _reserved(host, port) if has_ui else None
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

    from dagster_project.operations import hosts

    # Webserver, daemon and their code servers begin at once. In an empty folder each would make Dagster's
    # databases; what two of them have marked as new, nobody can open any more.
    with DagsterInstance.get() as instance:
        if has_daemon:
            if holder := hosts.claim(instance, hosts.DAEMON):
                raise ServeError(
                    f"Another daemon works on this database ({holder}): two would launch each run twice. Stop it, or "
                    "show the UI alone with --no-daemon.",
                    Code.RUNNING,
                )
            held += hosts.descriptors(hosts.DAEMON)
    bin_folder = Path(sys.executable).parent
    # Without a code server both read the module and the location's name from [tool.dagster] of pyproject.toml.
    web = [sys.executable, "-m", guarded_webserver.__name__, "-h", host, "-p", str(port)]
    names = [os.environ.get(guarded_webserver.HOSTS_VARIABLE, ""), host]
    os.environ[guarded_webserver.HOSTS_VARIABLE] = ",".join(names)
    commands: dict[str, list[str]] = {}
    if has_ui:
        commands[WEBSERVER] = [*web, *workspace, *(["--read-only"] if read_only else [])]
        Console().print(f"http://{host}:{port}  (stop with Ctrl-C)")
    if has_daemon:
        # An engineer's changes are loaded each minute, as Dagster does; a code server of its own has loaded them.
        is_calm = os.environ.get("CHOKEPOINT_AUTOMATION") == "on" and not workspace
        program = [sys.executable, "-m", daemon.__name__]
        daemon_command = program if is_calm else [str(bin_folder / "dagster-daemon")]
        commands["daemon"] = [*daemon_command, "run", *workspace]
    # A supervisor stops us with SIGTERM, a terminal that is closed with SIGHUP: it ends the children too, as Ctrl-C does.
    for number in (signal.SIGTERM, signal.SIGHUP):
        if number == signal.SIGTERM or signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, lambda *_: sys.exit(0))
    processes = [begin(command, held) for command in commands.values()]
    has_begun = not has_ui
    try:
        # Webserver and daemon stand or fall together.
        while all(process.poll() is None for process in processes):
            has_begun = has_begun or ports.answers(host, port)
            time.sleep(0.5)
        codes = [process.poll() or 0 for process in processes]
    finally:
        end(processes, is_at_work=has_begun)
        if reserved is not None:
            reserved.close()
    return _exit_code(dict(zip(commands, codes, strict=True)), host, port)


def _exit_code(codes: dict[str, int], host: str, port: int) -> int:
    """What to end with, from what `webserver` and `daemon` ended with; 0 of one that was still at work.

    Raises:
        ServeError: one was killed, or another program took the port while the webserver loaded.
    """
    for name, code in codes.items():
        if code < 0:
            raise ServeError(
                f"The {name} was ended by {signal.Signals(-code).name}, and what ran beside it with it: start it again. "
                "The kernel does so (SIGKILL) where memory is short: `dmesg` tells.",
                Code.FAILED,
            )
    if codes.get(WEBSERVER) == NOT_STARTED and ports.answers(host, port):
        got = "another program took it while the webserver loaded"
        raise ServeError(str(ports.PortTakenError(host, port, got)), Code.PORT_TAKEN)
    return max(codes.values())


def begin(command: list[str], held: list[int]) -> subprocess.Popen[bytes]:
    """A child that the kernel ends when we are killed, so that a supervisor may start us anew.

    It holds the lock with us: where it can't be ended (not Linux), a second daemon is refused.

    It is away from the terminal, whose Ctrl-C would end its code server beneath it: we end it. A shell's background job
    ignores Ctrl-C, which the child would inherit, and Dagster then ignores SIGTERM in it too: nothing would end it.
    """
    libc = ctypes.CDLL(None)
    has_signal = sys.platform == "linux"

    def prepare() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        if has_signal:
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)

    return subprocess.Popen(
        command,
        cwd=PROJECT_ROOT,
        env=os.environ,
        pass_fds=held,
        start_new_session=True,
        preexec_fn=prepare,  # noqa: PLW1509
    )


def end(processes: Sequence[subprocess.Popen[bytes]], *, is_at_work: bool) -> None:
    """End child processes and theirs: in order where they are at work; at once, and silently, while they still load."""
    if is_at_work:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait()
    for process in processes:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def serve_code(host: str, port: int) -> NoReturn:
    """Become Dagster's code server, which loads our definitions and starts a process for each run.

    Raises:
        ServeError: the port is taken.
    """
    from dagster_project.operations.command_runs import CODE_LOCATION

    ports.keep_over_exec(_reserved(host, port))
    os.chdir(PROJECT_ROOT)
    program = [sys.executable, "-m", cli_code_server.__name__, "-h", host, "-p", str(port)]
    module = ["-m", "dagster_project.definitions", "--location-name", CODE_LOCATION]
    os.execv(sys.executable, [*program, *module])  # noqa: S606


def _workspace(settings: Settings, code_server: str) -> list[str]:
    """Options by which webserver and daemon find the code server, once it answers: a webserver looks for it once."""
    host, _, port = code_server.rpartition(":")
    if not (host and port.isdecimal() and 1 <= int(port) <= MOST_PORT):
        raise ServeError(
            f"CHOKEPOINT_CODE_SERVER={code_server!r} is no address like 127.0.0.1:4000", Code.FAILED
        )
    from dagster_project.operations.command_runs import CODE_LOCATION

    end = time.monotonic() + CODE_SERVER_SECONDS
    while not ports.answers(host, int(port)):
        if time.monotonic() > end:
            raise ServeError(
                f"No code server answers at {code_server} ({CODE_SERVER_SECONDS} seconds): start `chokepoint code-server`",
                Code.FAILED,
            )
        time.sleep(0.5)
    path = settings.dagster_home / "workspace.yaml"
    server = {"host": host, "port": int(port), "location_name": CODE_LOCATION}
    path.write_text(yaml.safe_dump({"load_from": [{"grpc_server": server}]}), encoding="utf-8")
    return ["-w", str(path)]


def _reserved(host: str, port: int) -> socket.socket | None:
    """Say in one line what the webserver would say in a traceback, once all else had begun."""
    try:
        return ports.reserved_port(host, port)
    except ports.NoAddressError as error:
        raise ServeError(str(error), Code.FAILED) from None
    except ports.PortTakenError as error:
        raise ServeError(str(error), Code.PORT_TAKEN) from None


def serve(
    *,
    port: Annotated[
        int, typer.Option(help="Port.", min=1, max=65535, envvar="CHOKEPOINT_PORT")
    ] = 3000,
    host: Annotated[
        str,
        typer.Option(
            help="Address. The UI has no login: on any but loopback everybody sees all.",
            envvar="CHOKEPOINT_HOST",
        ),
    ] = "127.0.0.1",
    read_only: Annotated[bool, typer.Option(help="Show only; launch nothing.")] = False,
    daemon: Annotated[
        bool, typer.Option(help="Run the daemon too: sensors, schedules and queued runs.")
    ] = True,
    ui: Annotated[
        bool, typer.Option(help="Run the webserver; without it the daemon alone.")
    ] = True,
    code_server: Annotated[
        str,
        typer.Option(
            help="HOST:PORT of `chokepoint code-server`, if it runs apart.",
            envvar="CHOKEPOINT_CODE_SERVER",
        ),
    ] = "",
    development: Annotated[
        bool, typer.Option(help="Sensors and schedules stay off until switched on in the UI.")
    ] = False,
) -> None:
    """Serve the Dagster UI, with the daemon beside it, until interrupted."""
    settings = reader_settings()
    settings.lock.touch()
    if not development:
        _switch_automation_on()
    if not (ui or daemon):
        stop("--no-ui and --no-daemon leave nothing to run.")
    if daemon and not read_only:
        try:
            alerts.check_addresses()
        except alerts.AlertError as error:
            stop(error)
    refreshing_elsewhere()
    if daemon and not read_only and not is_held(settings.daemon_lock):
        mend(settings)
    try:
        code = serve_ui(
            settings,
            host,
            port,
            read_only=read_only,
            has_ui=ui,
            has_daemon=daemon and not read_only,
            code_server=code_server,
        )
    except ServeError as error:
        stop(error, error.code)
    raise typer.Exit(code)


def code_server(
    *,
    port: Annotated[int, typer.Option(help="Port.", min=1, max=65535)] = 4000,
    host: Annotated[
        str, typer.Option(help="Address. Whoever reaches it may start runs: keep it private.")
    ] = "127.0.0.1",
) -> None:
    """Serve our definitions to a webserver and a daemon that run apart, and start their runs here."""
    settings = reader_settings()
    settings.lock.touch()
    _switch_automation_on()
    refreshing_elsewhere()
    try:
        serve_code(host, port)
    except ServeError as error:
        stop(error, error.code)


def _switch_automation_on() -> None:
    os.environ["CHOKEPOINT_AUTOMATION"] = os.environ.get("CHOKEPOINT_AUTOMATION") or "on"
