"""Run by the campaign: imports once, then does one piece of work in a process of its own for each line it reads.

A line is `<work> <data folder>`. Answers are lines: `pid <pid>`, then `end <code>`. It forks before anything has opened
DuckDB, so each child is what a new process is, less the imports and the catalogue of sources.
"""

import os
import sys
import tempfile
import traceback
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dagster_project.publishing.artifacts.methods import write_methods
from sources.registry import all_sources, reader_of
from tests.campaign.works import WORKS


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def _work(name: str, data: str) -> None:
    os.environ["CHOKEPOINT_DATA"] = data
    try:
        WORKS[name].do(Path(data))
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


with tempfile.TemporaryDirectory() as folder:
    # The HTML of methods is made once a process.
    write_methods(Path(folder) / "methods.html", "")
for source in all_sources():
    reader_of(source.source_id)
for line in sys.stdin:
    work, _, data = line.strip().partition(" ")
    child = os.fork()
    if child == 0:
        _work(work, data)
    _say(f"pid {child}")
    _, status = os.waitpid(child, 0)
    _say(f"end {os.waitstatus_to_exitcode(status)}")
