"""Run by the failure tests: imports once, then publishes in a process of its own for each line it reads.

With an argument it exports the current release to that address instead.

A line names the fault point to die at, or is empty. Answers are lines: `pid <pid>`, `end <code> <text>`.
It forks before anything has opened DuckDB, so each publish is what a new process does, less the imports, the
catalogue of sources and the HTML of methods.
"""

import os
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dagster_project.publishing.artifacts.methods import write_methods
from dagster_project.publishing.export import export
from dagster_project.settings import load_settings
from sources.registry import all_sources, reader_of
from tests.failure._helpers import publish


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _publish(kill_at: str) -> None:
    if kill_at:
        os.environ["CHOKEPOINT_TEST_KILL_AT"] = kill_at
    try:
        if sys.argv[1:]:
            export(load_settings().published / "current", sys.argv[1])
        else:
            publish(load_settings())
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


with tempfile.TemporaryDirectory() as folder:
    write_methods(Path(folder) / "methods.html", "")
for source in all_sources():
    reader_of(source.source_id)
for line in sys.stdin:
    child = os.fork()
    if child == 0:
        _publish(line.strip())
    _say(f"pid {child}")
    _, status = os.waitpid(child, 0)
    _say(f"end {os.waitstatus_to_exitcode(status)}")
