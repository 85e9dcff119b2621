"""What one embedded refresh costs, beside an older commit in the same run, and what of it is not SQL.

**Cost.** Wall clock, CPU and peak memory of `chokepoint refresh`, process start to exit, the median of the runs,
ours and the older commit's in turn: one of each, so that `make bench` ends in a quarter of an hour. The environment
is ready: ours has refreshed once (which notes its SQL), the older one has parsed dbt. Before each counted run lake,
warehouse and releases are deleted, so that each builds and publishes all.
All processes are pinned to two cores where the system can do that. The older commit runs from a git worktree with
our packages.

**By phase.** One more run of each, which py-spy looks at (`benchmarks.cpu`).

**Replay.** All SQL of dbt, in its order on one connection (`benchmarks.replay`): what a refresh can't go below; and
once more with ten times the trade.

**Nothing changed.** The same command again, on what it published.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import replay
from benchmarks.cpu import PY_SPY, RECORD, shares_by_phase
from benchmarks.environments import python_with

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / ".venv" / "bin"
OLD_COMMIT = "3f09cbe"
REPEATS = 1
CORES = 2
TIMEOUT_SECONDS = 600
# What a refresh builds; the parsed manifest and Dagster's history stay.
BUILT = ("lake", "raw", "warehouse", "published")


@dataclass(frozen=True)
class Line:
    """One figure of the table."""

    figure: str
    value: str
    how: str


@dataclass(frozen=True)
class Cost:
    """What a process cost, with all that it started."""

    wall: float
    cpu: float
    peak_mb: float


@dataclass(frozen=True)
class Tree:
    """A checkout: where it lies, the data folder of its refreshes, and Python's arguments for its command."""

    root: Path
    data: Path
    command: tuple[str, ...]


class BenchmarkError(Exception):
    """A benchmarked command failed; the text is its output."""


def measure(progress: Callable[[str], None]) -> Iterator[Line]:
    """Measure, and yield each line once it is known.

    Raises:
        BenchmarkError: a run failed, or published nothing.
    """
    # It needs this module.
    from benchmarks import published

    cores = pin()
    with (
        tempfile.TemporaryDirectory(prefix="chokepoint-bench-", ignore_cleanup_errors=True) as name,
        _old(Path(name)) as old,
    ):
        folder = Path(name)
        ours = Tree(ROOT, folder / "data", ("-m", "dagster_project.cli.commands"))
        trees = [ours] if old is None else [ours, old]
        progress("first refresh, not counted: noting its SQL")
        replay.note(folder, ours.data)
        if old is not None:
            progress(f"parsing dbt of {OLD_COMMIT}")
            _execute([sys.executable, "-c", "import dagster_project.definitions"], old)
        costs: dict[Path, list[Cost]] = {tree.root: [] for tree in trees}
        for number in range(1, REPEATS + 1):
            for tree in trees:
                progress(f"refresh {number} of {REPEATS}, {tree.root.name}")
                costs[tree.root].append(refresh(tree))
        if old is None:
            yield Line(f"commit {OLD_COMMIT}", "left out", "it is not in the history of this clone")
        for figure, unit, digits in (("wall", "s", 1), ("cpu", "s", 1), ("peak_mb", "MB", 0)):
            now, *then = (
                statistics.median(getattr(cost, figure) for cost in costs[tree.root])
                for tree in trees
            )
            yield Line(
                f"refresh, {figure}",
                f"{now:.{digits}f} {unit}",
                f"median of {REPEATS} on {cores} cores"
                + "".join(
                    f"; {OLD_COMMIT}: {before:.{digits}f} {unit}, ratio {now / before:.2f}"
                    for before in then
                ),
            )
        yield from _by_phase(folder, trees, progress)
        median = statistics.median(cost.wall for cost in costs[ours.root])
        cpu = statistics.median(cost.cpu for cost in costs[ours.root])
        for line in replay.measure(folder, ours.data, cpu, progress):
            yield Line(*line)
        progress("nothing changed")
        same = refresh(ours, is_kept=True).wall
        yield Line(
            "nothing changed / refresh",
            f"{same / median:.2f}",
            f"{same:.1f} s; target at most 0.10: {'met' if same / median <= 0.10 else 'missed'}",
        )
        published.keep(ours.data / "published")


@contextmanager
def _old(folder: Path) -> Iterator[Tree | None]:
    """A worktree of the older commit; None where the history ends before it."""
    root = folder / OLD_COMMIT
    git = ["git", "-C", str(ROOT), "worktree"]
    made = subprocess.run(
        [*git, "add", "--detach", str(root), OLD_COMMIT], capture_output=True, check=False
    )
    if made.returncode != 0:
        yield None
        return
    try:
        yield Tree(root, folder / "old-data", ("-c", "from dagster_project.cli import app; app()"))
    finally:
        subprocess.run([*git, "remove", "--force", str(root)], capture_output=True, check=False)


def _by_phase(folder: Path, trees: list[Tree], progress: Callable[[str], None]) -> Iterator[Line]:
    python, why_not = python_with((PY_SPY,), "pip", progress)
    if python is None:
        yield Line("by phase", "left out", why_not)
        return
    shares: list[dict[str, float]] = []
    for tree in trees:
        progress(f"refresh of {tree.root.name} under py-spy")
        recorded = folder / "stacks.txt"
        looking = [str(python.with_name("py-spy")), *RECORD, "--output", str(recorded), "--"]
        try:
            run([*looking, sys.executable, *tree.command, "refresh"], tree)
        except BenchmarkError as error:
            yield Line(f"at work, {tree.root.name}", "left out", str(error).splitlines()[0][-120:])
            shares.append({})
            continue
        shares.append(shares_by_phase(recorded))
    for phase, share in shares[0].items():
        before = "".join(f"{OLD_COMMIT}: {other.get(phase, 0):.0%}" for other in shares[1:])
        yield Line(f"at work: {phase}", f"{share:.0%}", before)


def pin() -> int:
    """Keep this process and its children to two cores; returns how many they have."""
    if not hasattr(os, "sched_setaffinity"):
        return os.cpu_count() or 1
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:CORES])
    return len(os.sched_getaffinity(0))


def refresh(tree: Tree, *, is_kept: bool = False) -> Cost:
    """Cost of a refresh; of one that builds everything, unless what stands `is_kept`."""
    return run([sys.executable, *tree.command, "refresh"], tree, is_kept=is_kept)


def run(command: list[str], tree: Tree, *, is_kept: bool = False) -> Cost:
    """Cost of a command that refreshes.

    Raises:
        BenchmarkError: it failed, or published nothing.
    """
    for name in () if is_kept else BUILT:
        shutil.rmtree(tree.data / name, ignore_errors=True)
    cost, told = _execute(command, tree)
    if not (tree.data / "published" / "current").exists():
        raise BenchmarkError(f"{' '.join(command)} published nothing\n{told}")
    return cost


def _execute(command: list[str], tree: Tree) -> tuple[Cost, str]:
    """Cost of a command on a tree's data folder, and the end of what it said.

    Raises:
        BenchmarkError: it failed.
    """
    kept = {key: value for key, value in os.environ.items() if not key.startswith("CHOKEPOINT_")}
    environment = {
        **kept,
        "CHOKEPOINT_DATA": str(tree.data),
        "DAGSTER_HOME": str(tree.data / "dagster"),
        "NO_COLOR": "1",
        "PYTHONPATH": str(tree.root),
    }
    with tempfile.TemporaryFile("w+") as output:
        started = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=tree.root, env=environment, stdout=output, stderr=output
        )
        try:
            _, status, used = os.wait4(process.pid, 0)
        except BaseException:
            process.kill()
            raise
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - started
        output.seek(0)
        told = output.read()[-4_000:]
    if process.returncode != 0:
        raise BenchmarkError(f"{' '.join(command)} ended with {process.returncode}\n{told}")
    return Cost(wall, used.ru_utime + used.ru_stime, used.ru_maxrss / 1024), told
