"""Publishing alone, through Dagster: refused after a failed check, and while another process refreshes."""

import subprocess
import sys
from collections.abc import Iterator

import dagster as dg
import pytest

from dagster_project.publishing import audit
from dagster_project.settings import PROJECT_ROOT
from tests.defs._workspace import QUIET, Workspace, check_key, working_in
from tests.failure._helpers import build_of, environment, mutate, snapshot, writing

pytestmark = pytest.mark.slow

TEST = "production_shares_lie_within_zero_and_one"
RELEASE = dg.AssetKey(["published", "release"])
PUBLISH = """
import sys
from dagster_project.definitions import defs
from tests.defs.test_publish_alone import RELEASE, root_causes
from tests.defs._workspace import QUIET
job = defs.resolve_implicit_global_asset_job_def()
result = job.execute_in_process(asset_selection=[RELEASE], raise_on_error=False, run_config=QUIET)
print("\\n".join(root_causes(result)))
sys.exit(not result.success)
"""
HOLD = """
import sys
from pathlib import Path
from dagster_project.operations.lock import refresh_lock
with refresh_lock(Path(sys.argv[1]), "run-of-another"):
    print("held", flush=True)
    sys.stdin.readline()
"""


def root_causes(result: dg.ExecuteInProcessResult) -> list[str]:
    """What ended a run, as the command shows it."""
    found: list[str] = []
    for event in result.all_events:
        error = getattr(event.event_specific_data, "error", None)
        while error is not None and error.cause is not None:
            error = error.cause
        if error is not None:
            found.append(error.message.strip())
    return found


@pytest.fixture
def workspace(loaded: Workspace) -> Iterator[Workspace]:
    loaded.restore()
    with working_in(loaded.settings):
        yield loaded


def _publish_alone(workspace: Workspace) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", PUBLISH],
        env=environment(workspace.settings.data),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_publishing_alone_after_a_failed_check_is_refused(workspace: Workspace) -> None:
    settings = workspace.settings
    (spec,) = [spec for spec in workspace.checks if spec.name == TEST]
    mutate(settings, "a share of 1.5")
    with writing(settings) as connection:
        connection.execute("update marts.mart_production_share set production_share = 1.5")
    workspace.run_checks([spec])
    results = audit.read(settings.audit, build_of(settings))
    assert [item.key for item in results if item.stops] == [check_key(spec)]
    before = snapshot(settings.published)

    refused = _publish_alone(workspace)
    assert refused.returncode == 1, refused.stderr
    assert "not published: checks of build" in refused.stdout
    assert f"marts/mart_production_share:{TEST}: " in refused.stdout
    assert "rows offend" in refused.stdout
    assert "next: run a whole refresh" in refused.stdout
    assert snapshot(settings.published) == before


def test_a_run_ends_while_another_process_refreshes(workspace: Workspace) -> None:
    settings = workspace.settings
    before = snapshot(settings.published)
    job = workspace.definitions.resolve_implicit_global_asset_job_def()
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(settings.lock)],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        result = job.execute_in_process(
            asset_selection=[RELEASE], raise_on_error=False, run_config=QUIET
        )
        other.communicate("\n")
    assert not result.success
    (said,) = set(root_causes(result))
    assert said.startswith(
        "dagster_project.operations.lock.RefreshRunningError: another refresh is running"
    )
    assert f"run run-of-another, pid {other.pid}" in said
    assert "Wait for it to end, or stop it" in said
    assert snapshot(settings.published) == before
    # What was audited and passed is published alone: it was the lock, and above the check, that stood in its way.
    again = job.execute_in_process(asset_selection=[RELEASE], run_config=QUIET)
    assert again.success
