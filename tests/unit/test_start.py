"""Ctrl-C while the command is still being loaded."""

import subprocess
import sys
from pathlib import Path

from dagster_project.cli.exits import Code
from dagster_project.cli.start import INTERRUPTED
from dagster_project.settings import PROJECT_ROOT
from tests.conftest import command_environment

LOADING = """
import os, signal, sys
from dagster_project.cli import start
class Loader:
    def find_spec(self, name, path=None, target=None):
        if name == "dagster_project.cli.commands":
            os.kill(os.getpid(), signal.SIGINT)
sys.meta_path.insert(0, Loader())
signal.signal(signal.SIGINT, getattr(signal, sys.argv[1]))
sys.argv = ["chokepoint", "--help"]
start.main()
"""


def _started(handler: str) -> subprocess.CompletedProcess[str]:
    asked = [sys.executable, "-c", LOADING, handler]
    return subprocess.run(asked, capture_output=True, text=True, cwd=PROJECT_ROOT, check=False)


def test_an_interrupt_while_loading_is_one_line() -> None:
    ended = _started("default_int_handler")
    assert ended.returncode == Code.INTERRUPTED
    assert ended.stderr == f"{INTERRUPTED}\n"


def test_a_signal_that_the_shell_ignores_stays_ignored() -> None:
    ended = _started("SIG_IGN")
    assert ended.returncode == 0, ended.stderr
    assert "refresh" in ended.stdout


def test_status_waits_for_no_library_that_it_does_not_need(tmp_path: Path) -> None:
    asked = (
        "import sys\n"
        "from dagster_project.cli.commands import app\n"
        "try:\n    app(['status'])\n"
        "finally:\n    print({'dagster', 'dataframely', 'dbt', 'duckdb', 'polars'} & set(sys.modules))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", asked],
        capture_output=True,
        text=True,
        env=command_environment(tmp_path),
        cwd=PROJECT_ROOT,
        check=False,
    )
    # What it says of our lists is there: the part that would load them.
    assert "controls" in ended.stdout
    assert ended.stdout.endswith("set()\n"), ended.stdout + ended.stderr
