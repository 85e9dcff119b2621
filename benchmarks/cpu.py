"""Where a process's CPU goes, by looking at all its threads fifty times a second.

The CPU time between two looks is shared among the threads that were at work. What the threads of DuckDB and
Polars use counts for the thread of Python that waits for them.
"""

import sys
import threading
import time
from collections import defaultdict
from types import FrameType

SECONDS = 0.02
# Functions of Python in which a thread waits and uses nothing.
WAITING = {
    *("wait", "_wait_for_tstate_lock", "select", "poll", "sleep", "acquire", "get", "accept"),
    *("worker", "_worker", "_handle_workers", "_handle_tasks", "_handle_results"),
}
# The first that fits, from the left: file, or function, somewhere in the stack.
RULES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("imports", ("<frozen importlib._bootstrap>",)),
    ("definitions", ("dagster_project/definitions.py",)),
    ("Dagster: events", ("_core/storage/", "instance/methods/", "operations/event_log.py")),
    ("publishing: atlas, notes, dictionary", ("publishing/artifacts/", "publishing/atlas/")),
    ("publishing: digest", ("publishing/digest.py",)),
    ("publishing: the rest", ("dagster_project/publishing/release",)),
    ("lake checks", ("defs/sources/checks.py",)),
    ("readers and lake", ("defs/sources/assets.py",)),
    ("dbt: SQL of tests", ("dbt/task/test.py", "duckdb/environments/local.py:execute")),
    ("dbt: SQL of models", ("dbt/task/run.py", "duckdb/environments/local.py:execute")),
    ("dbt: SQL of seeds and hooks", ("duckdb/environments/local.py:execute",)),
    ("dbt: the rest", ("/dbt/",)),
    ("Dagster: the rest", ("/dagster/",)),
)
# Rules whose parts must all be there; of the others one is enough.
ALL_PARTS = {"dbt: SQL of tests", "dbt: SQL of models"}


def phase_of(stack: list[str]) -> str:
    """What a thread is at, from its frames as `file:function`."""
    for phase, parts in RULES:
        found = [any(part in frame for frame in stack) for part in parts]
        if all(found) if phase in ALL_PARTS else any(found):
            return phase
    return "all else"


def _stack(frame: FrameType | None) -> list[str]:
    frames: list[str] = []
    while frame is not None:
        frames.append(f"{frame.f_code.co_filename}:{frame.f_code.co_name}")
        frame = frame.f_back
    return frames


class Looking(threading.Thread):
    """Looks at the other threads until the process ends; `seconds` has CPU by phase."""

    def __init__(self) -> None:
        super().__init__(daemon=True)
        self.seconds: dict[str, float] = defaultdict(float)

    def run(self) -> None:
        """Look, again and again."""
        before = time.process_time()
        while True:
            time.sleep(SECONDS)
            now = time.process_time()
            stacks = [
                _stack(frame)
                for thread, frame in sys._current_frames().items()
                if thread != self.ident
            ]
            at_work = [stack for stack in stacks if stack[0].rpartition(":")[2] not in WAITING]
            for stack in at_work or [["nobody"]]:
                self.seconds[phase_of(stack)] += (now - before) / max(len(at_work), 1)
            before = now
