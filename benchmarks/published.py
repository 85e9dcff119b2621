"""The published release that questions are timed on: the data folder's, or one made for the purpose."""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from benchmarks.refresh import BIN, ROOT, BenchmarkError
from dagster_project.settings import load_settings

NEEDED = "mart_supply_risk"
TIMEOUT_SECONDS = 900


# Of the run, gone with its process.
_made: list[tempfile.TemporaryDirectory[str]] = []


def keep(published: Path) -> None:
    """Take a refresh's folder of releases over, for what is asked later in the run."""
    folder = tempfile.TemporaryDirectory(prefix="chokepoint-bench-")
    shutil.move(published, folder.name)
    _made.append(folder)


def release(progress: Callable[[str], None]) -> Path:
    """Folder of a release that has what is asked: the data folder's, or one that this run made.

    Raises:
        BenchmarkError: none is there, and none could be made.
    """
    current = load_settings().data / "published" / "current"
    if _has_mart(current / "critical_minerals.duckdb"):
        return current.resolve()
    if not _made:
        progress("making a release")
        folder = tempfile.TemporaryDirectory(prefix="chokepoint-bench-")
        made = subprocess.run(
            [str(BIN / "chokepoint"), "refresh"],
            cwd=ROOT,
            env={**os.environ, "CHOKEPOINT_DATA": folder.name, "CHOKEPOINT_INPUT": "embedded"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        if made.returncode != 0:
            raise BenchmarkError(made.stdout + made.stderr)
        _made.append(folder)
    return (Path(_made[0].name) / "published" / "current").resolve()


def cold(module: str, *arguments: str, repeats: int) -> tuple[float, list[str]]:
    """Median of the seconds that a module of ours prints first, each run in a process of its own; last output.

    Raises:
        BenchmarkError: a run failed.
    """
    seconds: list[float] = []
    lines: list[str] = []
    for _ in range(repeats):
        done = subprocess.run(
            [sys.executable, "-m", module, *arguments],
            cwd=ROOT,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            raise BenchmarkError(f"{module} {' '.join(arguments)}\n{done.stderr}")
        lines = done.stdout.splitlines()
        seconds.append(float(lines[0]))
    return statistics.median(seconds), lines[1:]


def _has_mart(path: Path) -> bool:
    # Not at the top: what is timed in a process of its own may count this import.
    import duckdb

    if not path.exists():
        return False
    with duckdb.connect(str(path), read_only=True) as connection:
        found = connection.execute(
            "select 1 from duckdb_tables() where schema_name = 'marts' and table_name = ?", [NEEDED]
        ).fetchall()
    return bool(found)
