"""Run by the failure tests: publishes for each line it reads, see `fork_for_each_line`; a line names the fault point to
die at, or is empty. With an argument it exports the current release to that address instead.
"""

import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from dagster_project.publishing.export import export
from dagster_project.settings import load_settings
from tests.failure._forks import fork_for_each_line
from tests.failure._helpers import publish


def _publish(kill_at: str) -> None:
    if kill_at:
        os.environ["CHOKEPOINT_TEST_KILL_AT"] = kill_at
    if sys.argv[1:]:
        export(load_settings().published / "current", sys.argv[1])
    else:
        publish(load_settings())


fork_for_each_line(_publish)
