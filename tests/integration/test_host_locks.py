"""Locks over all hosts: a run lives while its session holds its lock, wherever it is; one refresh; a cut line is noticed."""

import os
from collections.abc import Iterator

import dagster as dg
import pytest
from sqlalchemy import text

from dagster_project.operations import hosts
from dagster_project.operations.hosts import LockLostError
from dagster_project.resources import fail_orphaned_runs
from dagster_project.settings import load_settings, prepare_environment
from tests.pages import BLOCKS
from tests.postgres import library, server

pytestmark = pytest.mark.slow
# A process that this host does not have, on another one.
ELSEWHERE = "1@0.00 on another-host"


@pytest.fixture(scope="module")
def instance(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dg.DagsterInstance]:
    with pytest.MonkeyPatch.context() as patch, server() as url:
        patch.syspath_prepend(library())
        patch.setenv("CHOKEPOINT_DATA", str(tmp_path_factory.mktemp("locks")))
        patch.setenv("CHOKEPOINT_POSTGRES_URL", url)
        for name in ("DAGSTER_HOME", "DO_NOT_TRACK", "DAGSTER_EVENT_BATCH_SIZE"):
            patch.setenv(name, os.environ.get(name, "1"))
        # An operator's own settings, as the page has them.
        (own,) = (b for b in BLOCKS if (b.path.name, b.language) == ("deploy.md", "yaml"))
        home = load_settings().dagster_home
        home.mkdir()
        (home / "dagster.yaml").write_text(own.text, encoding="utf-8")
        prepare_environment(load_settings())
        assert (home / "dagster.yaml").read_text("utf-8") == own.text
        with dg.DagsterInstance.get() as made:
            yield made


@dg.job
def nothing() -> None:
    """A job without a step."""


def started(instance: dg.DagsterInstance) -> str:
    """A run that another host has begun."""
    run = instance.create_run_for_job(
        nothing, status=dg.DagsterRunStatus.STARTED, tags={hosts.PROCESS_TAG: ELSEWHERE}
    )
    return run.run_id


def status(instance: dg.DagsterInstance, run_id: str) -> str:
    run = instance.get_run_by_id(run_id)
    assert run is not None
    return run.status.value


def test_a_live_run_of_another_host_is_not_buried_and_a_dead_one_is(
    instance: dg.DagsterInstance,
) -> None:
    alive, dead = started(instance), started(instance)
    assert hosts.claim(instance, alive) is None
    assert fail_orphaned_runs(instance, "") == [dead]
    assert (status(instance, alive), status(instance, dead)) == ("STARTED", "FAILURE")
    hosts.close_session(alive)
    assert fail_orphaned_runs(instance, "") == [alive]


def test_one_refresh_over_all_hosts(instance: dg.DagsterInstance) -> None:
    for run_id in ("first-run", "second-run"):
        assert hosts.claim(instance, run_id) is None
    assert hosts.claim_refresh("first-run") is None
    for holder in (hosts.claim_refresh("second-run"), hosts.refresh_elsewhere()):
        assert (holder or "").startswith(f"run first-ru, pid {os.getpid()} on ")
    hosts.still_holds_refresh("first-run")
    with pytest.raises(LockLostError):
        hosts.still_holds_refresh("second-run")
    hosts.end_refresh("first-run")
    assert hosts.claim_refresh("second-run") is None
    for run_id in ("first-run", "second-run"):
        hosts.close_session(run_id)
    assert hosts.refresh_elsewhere() is None


def test_a_cut_line_is_noticed_before_anything_is_published(instance: dg.DagsterInstance) -> None:
    hosts.claim(instance, "cut-off")
    hosts.claim_refresh("cut-off")
    with instance.run_storage.connect() as other:  # pyright: ignore[reportAttributeAccessIssue]
        other.execute(
            text("select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory'")
        )
    with pytest.raises(LockLostError, match="nothing was published; next: `chokepoint refresh`"):
        hosts.still_holds_refresh("cut-off")
    hosts.close_session("cut-off")
    assert hosts.refresh_elsewhere() is None
