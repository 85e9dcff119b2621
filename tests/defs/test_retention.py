"""Years of runs leave a history of one size."""

from pathlib import Path

import dagster as dg
import pytest

from dagster_project.operations import retention
from dagster_project.operations.retention import prune_history
from dagster_project.settings import prepare_environment
from tests.campaign.years import rare, refresh, run_and_prune, size_bytes
from tests.defs._workspace import working_in
from tests.failure._helpers import settings_of


@pytest.mark.slow
def test_history_stays_of_one_size(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    settings = settings_of(tmp_path)
    prepare_environment(settings)
    monkeypatch.setattr(retention, "KEPT_RUNS", 4)
    sizes: list[int] = []
    once = ""
    made: list[str] = []
    for runs in (8, 12):
        with working_in(settings), dg.DagsterInstance.get() as instance:
            once = once or run_and_prune(settings, instance, rare)
            made += [run_and_prune(settings, instance, refresh) for _ in range(runs)]
        sizes.append(size_bytes(settings.dagster_home))
    assert sizes[1] < 1.2 * sizes[0]
    with working_in(settings), dg.DagsterInstance.get() as instance:
        # Of each job the newest, however rare it is.
        assert {run.run_id for run in instance.get_runs()} == {once, *made[-4:]}
        assert len(list((settings.dagster_home / "history" / "runs").glob("*-*.db"))) == 5
        assert {path.stem for path in settings.audit.glob("*.json")} <= {once, *made[-4:]}
        # What goes on is not touched.
        begun = instance.create_run_for_job(refresh, status=dg.DagsterRunStatus.STARTED)
        monkeypatch.setattr(retention, "KEPT_RUNS", 1)
        prune_history(settings, instance)
        assert {run.run_id for run in instance.get_runs()} == {once, made[-1], begun.run_id}


def test_the_daemon_loads_our_code_rarely(monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster._daemon import cli, controller

    from dagster_project.operations import daemon

    for name in ("RELOAD_WORKSPACE_INTERVAL", "DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE"):
        monkeypatch.setattr(controller, name, getattr(controller, name))
    monkeypatch.setattr(cli, "main", lambda: None)
    monkeypatch.setattr(daemon.sys, "argv", ["x", "run"])
    daemon.main()
    assert controller.RELOAD_WORKSPACE_INTERVAL == daemon.RELOAD_SECONDS
    assert controller.DEFAULT_WORKSPACE_FRESHNESS_TOLERANCE > 2 * daemon.RELOAD_SECONDS
