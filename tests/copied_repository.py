"""A copy of the repo to change, and a refresh of it."""

import os
import subprocess
import sys
from pathlib import Path

from tests.conftest import command_environment
from tests.pages import ROOT

# Says first whose packages these are.
REFRESH = """
import dagster_project, sources
print(dagster_project.__file__, sources.__file__, sep="\\n")
from dagster_project.cli.commands import app
app(["refresh"])
"""
# Everything but the release, which takes a third of the time.
UP_TO_THE_GATE = """
import dagster as dg
import dagster_project, sources
print(dagster_project.__file__, sources.__file__, sep="\\n")
from dagster_project.settings import load_settings, prepare_environment
prepare_environment(load_settings())
from dagster_project.definitions import defs
job = defs.resolve_job_def("refresh")
release = dg.AssetKey(["published", "release"])
others = sorted(job.asset_layer.executable_asset_keys - {release})
with dg.DagsterInstance.get() as instance:
    job.execute_in_process(instance=instance, asset_selection=others)
"""


def copy_repository(target: Path) -> bool:
    """What git tracks, and what it would: a change under way is tested as it stands. False without git."""
    listed = subprocess.run(
        ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        capture_output=True,
        check=False,
    )
    for name in filter(None, listed.stdout.decode().split("\0")):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            (target / name).write_bytes((ROOT / name).read_bytes())
    return listed.returncode == 0


def refresh_copy(
    copy: Path, data: Path, code: str = REFRESH, *, timeout: int = 480, **more: str
) -> None:
    """Refresh with the code and the files of the copy, within these seconds."""
    result = subprocess.run(
        [sys.executable, "-c", code],
        cwd=copy,
        env=command_environment(data, **more) | {"PYTHONPATH": os.fspath(copy)},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert result.returncode == 0, (result.stdout + result.stderr)[-4000:]
    used = result.stdout.splitlines()[:2]
    assert all(path.startswith(os.fspath(copy)) for path in used), "the copy's packages must win"
