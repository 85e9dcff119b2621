"""A port or an address that a server can't have: one line and a code, also where somebody takes it while all loads."""

import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import code_server as cli_code_server
from dagster_project.cli import commands, serve
from dagster_project.cli.exits import Code
from dagster_project.cli.serve import begin as real_begin
from dagster_project.operations.ports import reserved_port
from dagster_project.settings import PROJECT_ROOT
from tests.conftest import run_command
from tests.failure._helpers import environment
from tests.ports import free_port


def test_a_taken_port_is_one_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        run = run_command("serve", "--port", str(port), data=tmp_path)
    assert run.returncode == Code.PORT_TAKEN == 4
    assert f"Port {port} of 127.0.0.1 can't be had (Address already in use)" in run.stderr
    assert len(run.stderr.splitlines()) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="no name without a file keeps the second away")
@pytest.mark.parametrize("command", ["serve", "code-server"])
def test_of_two_that_begin_at_once_the_second_ends_at_once(tmp_path: Path, command: str) -> None:
    """The first has looked and does not listen yet; of two code servers both would listen, each with a data folder of its own."""
    port = free_port()
    first = reserved_port("127.0.0.1", port)
    assert first is not None
    with first:
        run = run_command(command, "--host", "localhost", "--port", str(port), data=tmp_path)
    assert run.returncode == Code.PORT_TAKEN
    assert f"Port {port} of localhost can't be had (another chokepoint begins there)" in run.stderr
    assert len(run.stderr.splitlines()) == 1
    # The kernel forgets it with the first.
    again = reserved_port("127.0.0.1", port)
    assert again is not None
    again.close()


def _taking(taken: socket.socket, file: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """`serve.begin`, by whose time another program listens; the definitions are those of a file, for they load at once."""

    def begin(command: list[str], held: list[int]) -> subprocess.Popen[bytes]:
        host, port = command[command.index("-h") + 1], int(command[command.index("-p") + 1])
        taken.bind((host, port))
        taken.listen()
        return real_begin([*command, "-f", str(file)], held)

    return begin


def test_a_port_that_is_taken_while_all_loads_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "none.py").write_text("from dagster import Definitions\n\ndefs = Definitions()\n")
    port = free_port()
    with socket.socket() as taken:
        monkeypatch.setattr(serve, "begin", _taking(taken, tmp_path / "none.py"))
        given = environment(tmp_path)
        asked = ["serve", "--no-daemon", "--port", str(port)]
        run = CliRunner().invoke(commands.app, asked, env=given)
    assert run.exit_code == Code.PORT_TAKEN, run.output
    said = f"Port {port} of 127.0.0.1 can't be had (another program took it while the webserver"
    assert said in run.stderr
    assert "Traceback" not in run.output


@pytest.mark.parametrize("name", ["webserver", "daemon"])
def test_a_server_that_is_killed_is_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """A supervisor that starts again what failed would let it lie after a 0."""

    def begin(command: list[str], held: list[int]) -> subprocess.Popen[bytes]:
        is_killed = ("webserver" in " ".join(command)) == (name == "webserver")
        return real_begin(["sh", "-c", "kill -KILL $$" if is_killed else "sleep 600"], held)

    monkeypatch.setattr(serve, "begin", begin)
    run = CliRunner().invoke(
        commands.app, ["serve", "--port", str(free_port())], env=environment(tmp_path)
    )
    assert run.exit_code == Code.FAILED, run.output
    assert f"The {name} was ended by SIGKILL" in run.stderr


def test_a_code_server_whose_port_is_taken_while_it_loads_ends_without_a_traceback(
    tmp_path: Path,
) -> None:
    (tmp_path / "none.py").write_text("from dagster import Definitions\n\ndefs = Definitions()\n")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        program = [sys.executable, "-m", cli_code_server.__name__, "-h", "127.0.0.1", "-p", port]
        run = subprocess.run(
            [*program, "-f", str(tmp_path / "none.py")],
            cwd=PROJECT_ROOT,
            env=environment(tmp_path),
            capture_output=True,
            text=True,
            check=False,
        )
    assert run.returncode == Code.PORT_TAKEN, run.stderr
    assert f"The port of 127.0.0.1:{port} was taken by another program" in run.stderr
    assert "Traceback" not in run.stderr


@pytest.mark.parametrize("host", ["", "no-such-host.invalid", "192.0.2.1", "a..b"])
def test_a_host_that_this_machine_is_not_is_one_line(tmp_path: Path, host: str) -> None:
    """An empty one would stand for every address of the machine, and the UI has no login."""
    for command in ("serve", "code-server"):
        run = run_command(command, "--host", host, "--port", str(free_port()), data=tmp_path)
        assert run.returncode == Code.FAILED, run.stderr
        assert f"The host {host!r} is no address of this machine" in run.stderr
        assert len(run.stderr.splitlines()) == 1
