"""One process with the imports done, which does each piece of work in a process of its own.

For each line that it reads it forks, and answers in lines: `pid <pid>`, `end <code>`. It forks before anything has
opened DuckDB, so each child is what a new process is, less the imports, the catalogue of sources and the HTML of methods.
"""

import os
import sys
import tempfile
import traceback
from collections.abc import Callable
from pathlib import Path

from dagster_project.publishing.artifacts.methods import write_methods
from sources.registry import all_sources, reader_of


def fork_for_each_line(work: Callable[[str], None]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        # The HTML of methods is made once a process.
        write_methods(Path(folder) / "methods.html", "")
    for source in all_sources():
        reader_of(source.source_id)
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            _work(work, line.strip())
        _say(f"pid {child}")
        _, status = os.waitpid(child, 0)
        _say(f"end {os.waitstatus_to_exitcode(status)}")


def _work(work: Callable[[str], None], line: str) -> None:
    try:
        work(line)
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
