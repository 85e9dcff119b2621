"""What one embedded refresh costs, and how much of that is not Polars or DuckDB.

**Wall clock.** Process start to exit of `chokepoint refresh`, the median of three, each in a process of
its own. The environment is ready: a first refresh, not counted, parses dbt and compiles bytecode.
Before each counted run lake, warehouse and releases are deleted, so that each builds and publishes all.
All processes are pinned to two cores where the system can do that. Beside it stands the CPU time, which a
busy machine changes less.

**Share outside the engines.** One more run, instrumented: every public method of Polars' frames, series
and groups, every Polars function that reads, collects or joins frames, and every query of a DuckDB
connection (dbt's too) notes when it began and ended. The union of these intervals over all threads is
the engines' time, and 1 less its part of that run's wall clock is the share. Two dbt threads at work at
once count once. Starting Python, imports (of the engines too), Dagster, dbt's own work and building
Polars expressions count as outside. The notes cost something, and that too counts as outside.

**CPU by phase.** One more run in which a thread looks at the others (`benchmarks.cpu`); shares of its CPU.

**Nothing changed.** The same command again, on what it published.

**Ratio.** The wall clock of `dg launch --job refresh` on the same folder, once, over the median.
"""

import functools
import inspect
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import FunctionType
from typing import Any

from benchmarks.cpu import Looking

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
REPEATS = 3
CORES = 2
# Of the whole of production; the one-figure release had 12.
TARGET_SECONDS = 18.0
TIMEOUT_SECONDS = 600
# What a refresh builds; the parsed manifest and Dagster's history stay.
BUILT = ("lake", "raw", "warehouse", "published")


@dataclass(frozen=True)
class Line:
    """One figure of the table."""

    figure: str
    value: str
    how: str


class BenchmarkError(Exception):
    """A benchmarked command failed; the text is its output."""


def measure(progress: Callable[[str], None]) -> Iterator[Line]:
    """Measure, line by line.

    Raises:
        BenchmarkError: a run failed, or published nothing.
    """
    cores = pin()
    with tempfile.TemporaryDirectory(prefix="chokepoint-bench-") as folder:
        data = Path(folder) / "data"
        command = [str(BIN / "chokepoint"), "refresh"]
        progress("first refresh, not counted")
        _run(command, data)
        walls: list[float] = []
        cpu: list[float] = []
        for number in range(1, REPEATS + 1):
            progress(f"refresh {number} of {REPEATS}")
            before = _cpu_seconds()
            walls.append(_run(command, data))
            cpu.append(_cpu_seconds() - before)
        median = statistics.median(walls)
        yield Line(
            "embedded refresh, wall clock",
            f"{median:.1f} s",
            f"median of {', '.join(f'{wall:.1f}' for wall in walls)} on {cores} cores, "
            f"CPU {statistics.median(cpu):.1f} s; target {TARGET_SECONDS:.0f} s: {'met' if median < TARGET_SECONDS else 'missed'}",
        )
        progress("instrumented refresh")
        notes = Path(folder) / "notes.json"
        wall = _run([sys.executable, "-m", "benchmarks.refresh", str(notes)], data)
        engines = json.loads(notes.read_text(encoding="utf-8"))
        both = engines["polars and duckdb"]
        yield Line(
            "share outside Polars and DuckDB",
            f"{1 - both / wall:.0%}",
            f"instrumented run of {wall:.1f} s: Polars {engines['polars']:.1f} s, "
            f"DuckDB {engines['duckdb']:.1f} s, either {both:.1f} s",
        )
        yield from _by_phase(Path(folder) / "phases.json", data, progress)
        progress("nothing changed")
        same = _run(command, data, is_kept=True)
        yield Line(
            "nothing changed / embedded refresh",
            f"{same / median:.2f}",
            f"{same:.1f} s; target at most 0.10: {'met' if same / median <= 0.10 else 'missed'}",
        )
        progress("dg launch --job refresh")
        launched = _run([str(BIN / "dg"), "launch", "--job", "refresh"], data)
        yield Line(
            "`dg launch --job refresh` / embedded refresh",
            f"{launched / median:.1f}",
            f"{launched:.1f} s, once, same folder and same cores",
        )


def _by_phase(notes: Path, data: Path, progress: Callable[[str], None]) -> Iterator[Line]:
    progress("refresh with a look at its threads")
    _run([sys.executable, "-m", "benchmarks.refresh", str(notes), "phases"], data)
    seconds: dict[str, float] = json.loads(notes.read_text(encoding="utf-8"))
    total = sum(seconds.values())
    for phase, used in sorted(seconds.items(), key=lambda item: -item[1]):
        yield Line(f"CPU: {phase}", f"{used / total:.0%}", f"{used:.1f} of {total:.1f} s")


def pin() -> int:
    """Keep this process and its children to two cores; returns how many they have."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    return len(os.sched_getaffinity(0))


def _cpu_seconds() -> float:
    """CPU time of all ended child processes so far."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _run(command: list[str], data: Path, *, is_kept: bool = False) -> float:
    """Wall clock of a refresh; of one that builds everything, unless what stands `is_kept`.

    Raises:
        BenchmarkError: it failed, or published nothing.
    """
    for name in () if is_kept else BUILT:
        shutil.rmtree(data / name, ignore_errors=True)
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CHOKEPOINT_")}
    environment = {
        **kept,
        "CHOKEPOINT_DATA": str(data),
        "DAGSTER_HOME": str(data / "dagster"),
        "NO_COLOR": "1",
    }
    started = time.perf_counter()
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    wall = time.perf_counter() - started
    if result.returncode != 0 or not (data / "published" / "current").exists():
        output = (result.stdout + result.stderr)[-4_000:]
        raise BenchmarkError(f"{' '.join(command)} ended with {result.returncode}\n{output}")
    return wall


class Notes:
    """When each engine was at work, over all threads."""

    def __init__(self) -> None:
        self.intervals: dict[str, list[tuple[float, float]]] = {"polars": [], "duckdb": []}

    def noted(self, engine: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, with its beginning and end noted."""
        kept = self.intervals[engine]

        @functools.wraps(call)
        def timed(*args: Any, **kwargs: Any) -> Any:
            began = time.perf_counter()
            try:
                return call(*args, **kwargs)
            finally:
                kept.append((began, time.perf_counter()))

        return timed

    def seconds(self) -> dict[str, float]:
        """Time in which each engine, and either of them, was at work."""
        totals = {engine: covered(kept) for engine, kept in self.intervals.items()}
        either = [interval for kept in self.intervals.values() for interval in kept]
        return {**totals, "polars and duckdb": covered(either)}


def covered(intervals: list[tuple[float, float]]) -> float:
    """Length of the union of intervals."""
    total, reached = 0.0, float("-inf")
    for began, ended in sorted(intervals):
        total += max(0.0, ended - max(began, reached))
        reached = max(reached, ended)
    return total


def _instrument(notes: Notes) -> None:
    import duckdb
    import polars as pl
    from polars.dataframe.group_by import GroupBy

    for owner in (pl.DataFrame, pl.LazyFrame, pl.Series, GroupBy):
        for name, member in list(vars(owner).items()):
            if isinstance(member, FunctionType) and not name.startswith("_"):
                setattr(owner, name, notes.noted("polars", member))
    for name, member in inspect.getmembers(pl, inspect.isfunction):
        if name.startswith(("read_", "scan_", "collect_")) or name in {"concat", "align_frames"}:
            setattr(pl, name, notes.noted("polars", member))
    connection: Any = duckdb.DuckDBPyConnection
    for name in ("execute", "executemany", "sql", "fetchall", "fetchone", "fetchmany", "close"):
        setattr(connection, name, notes.noted("duckdb", getattr(connection, name)))
    setattr(duckdb, "connect", notes.noted("duckdb", duckdb.connect))  # noqa: B010


def _instrumented(path: Path) -> None:
    """Refresh in this process with the engines instrumented; their time goes to `path`."""
    notes = Notes()
    _instrument(notes)
    from dagster_project.cli.commands import app

    try:
        app(["refresh"])
    finally:
        path.write_text(json.dumps(notes.seconds()), encoding="utf-8")


def _looked_at(path: Path) -> None:
    """Refresh in this process, looked at from its first import on; CPU by phase goes to `path`."""
    looking = Looking()
    looking.start()
    from dagster_project.cli.commands import app

    try:
        app(["refresh"])
    finally:
        path.write_text(json.dumps(looking.seconds), encoding="utf-8")


if __name__ == "__main__":
    (_looked_at if "phases" in sys.argv else _instrumented)(Path(sys.argv[1]))
