"""Where a refresh is at work: py-spy looks at its threads from outside, fifty times a second.

A thread counts while it is at work; one that waits for those of DuckDB or Polars is at work too.
"""

import re
from collections import defaultdict
from pathlib import Path

PY_SPY = "py-spy==0.4.3"
RECORD = (
    "record",
    "--format",
    "raw",
    "--idle",
    "--full-filenames",
    "--rate",
    "50",
    "--nonblocking",
)
# Functions of Python in which a thread waits and uses nothing.
WAITING = {
    *("wait", "_wait_for_tstate_lock", "select", "poll", "sleep", "acquire", "get", "accept"),
    "sigwait",
    *("worker", "_worker", "_handle_workers", "_handle_tasks", "_handle_results"),
    # Ours, of `dagster_project/cli/exits.py`: it reads a pipe until a signal comes.
    "hear",
}
# The first that fits, from the left: file, or function, somewhere in the stack.
RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("imports", ("<frozen importlib._bootstrap>",)),
    ("definitions", ("dagster_project/definitions.py",)),
    ("Dagster: events", ("_core/storage/", "instance/methods/", "operations/event_log.py")),
    (
        "publishing: atlas, notes, dictionary",
        ("publishing/artifacts/", "dagster_project/companions/", "/atlas/"),
    ),
    ("publishing: Parquet", ("publishing/parquet.py",)),
    ("publishing: digest", ("publishing/digest.py", "dagster_project/digest.py")),
    ("publishing: the rest", ("dagster_project/publishing/release", "dagster_project/release")),
    ("lake checks", ("sources/checks.py",)),
    ("readers and lake", ("sources/assets.py",)),
    ("dbt: SQL of tests", ("dbt/task/test.py", "duckdb/environments/local.py:execute")),
    ("dbt: SQL of models", ("dbt/task/run.py", "duckdb/environments/local.py:execute")),
    ("dbt: SQL of seeds and hooks", ("duckdb/environments/local.py:execute",)),
    ("dbt: the rest", ("/dbt/",)),
    ("Dagster: the rest", ("/dagster/",)),
)
# Rules whose parts must all be there; of the others one is enough.
ALL_PARTS = {"dbt: SQL of tests", "dbt: SQL of models"}
# `execute (…/local.py:36)`, from py-spy 0.4.3 on `DuckDBCursorWrapper.execute (…/local.py:36)`.
FRAME = re.compile(r"(?:.*\.)?(?P<function>[^.]+) \((?P<file>.+?)(:\d+)?\)")


def phase_of(stack: list[str]) -> str:
    """What a thread is at, from its frames as `file:function`."""
    for phase, parts in RULES:
        found = [any(part in frame for frame in stack) for part in parts]
        if all(found) if phase in ALL_PARTS else any(found):
            return phase
    return "all else"


def shares_by_phase(recorded: Path) -> dict[str, float]:
    """Share of each phase in what py-spy recorded, largest first."""
    seen: dict[str, int] = defaultdict(int)
    for line in recorded.read_text(encoding="utf-8").splitlines():
        told, _, count = line.rpartition(" ")
        # A process that ends while it is looked at leaves a line without its count.
        if not count.isdigit():
            continue
        frames = [match for frame in told.split(";") if (match := FRAME.fullmatch(frame))]
        if frames and frames[-1]["function"] not in WAITING:
            seen[phase_of([f"{frame['file']}:{frame['function']}" for frame in frames])] += int(
                count
            )
    total = sum(seen.values()) or 1
    return {
        phase: count / total for phase, count in sorted(seen.items(), key=lambda item: -item[1])
    }
