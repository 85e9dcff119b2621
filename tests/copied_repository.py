"""A copy of the repo to change, and a refresh of it that writes no release."""

import subprocess
from pathlib import Path

from tests.pages import ROOT

# Everything but the release, which takes a third of the time.
REFRESH = """
import dagster as dg
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
