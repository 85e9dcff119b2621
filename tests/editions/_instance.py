"""One source's part of the definitions, run in this process as the daemon would run it."""

import datetime as dt
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import dagster as dg

from dagster_project.defs.automation.jobs import pull_jobs, refresh_job, take_in_job
from dagster_project.defs.automation.sensors import (
    build_due_sensor,
    build_edition_sensor,
    build_failure_sensor,
)
from dagster_project.defs.sources.assets import build_lake_assets, build_raw_asset
from dagster_project.defs.sources.checks import build_lake_checks
from dagster_project.operations import edition_trials
from dagster_project.publishing import audit
from dagster_project.resources import Workspace
from dagster_project.settings import Settings, load_settings, prepare_environment
from sources.reading.catalog import Source, load_source
from sources.registry import reader_of

EVER = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
STOPPED = dg.DefaultSensorStatus.STOPPED
QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


def published(settings: Settings) -> dict[str, Any] | None:
    """What the cut-down release says."""
    path = settings.published / "current" / "release.json"
    return json.loads(path.read_text()) if path.exists() else None


def _release(source: Source) -> dg.AssetsDefinition:
    """In place of the release: behind the lake, held back by its checks, and by its audit."""

    table = next(iter(reader_of(source.source_id).lake))

    @dg.asset(key=["published", "release"], deps=[["lake", source.source_id, table]])
    def release(context: dg.AssetExecutionContext, workspace: Workspace) -> dg.MaterializeResult:
        settings, build_id = workspace.settings, context.run.run_id
        assert not [item for item in audit.read(settings.audit, build_id) if item.stops]
        folder = settings.published / "current"
        folder.mkdir(parents=True, exist_ok=True)
        editions = [edition.edition for edition in workspace.source(source).editions]
        (folder / "release.json").write_text(
            json.dumps({"build_id": build_id, "editions": editions})
        )
        edition_trials.promote(settings, build_id)
        return dg.MaterializeResult(metadata={"is_new": True})

    return release


class Daemon:
    """The daemon's turns, one at a time."""

    def __init__(self, source_id: str, instance: dg.DagsterInstance) -> None:
        source = load_source(source_id)
        self.instance = instance
        self.settings = load_settings()
        self.looks = build_edition_sensor(source, STOPPED)
        self.due = build_due_sensor(STOPPED)
        self.definitions = dg.Definitions(
            assets=[build_raw_asset(source), build_lake_assets(source), _release(source)],
            asset_checks=[build_lake_checks(source)],
            jobs=[refresh_job, take_in_job, *pull_jobs().values()],
            sensors=[self.looks, self.due],
            resources={"workspace": Workspace()},
            executor=dg.in_process_executor,
        )
        self.cursor = ""

    def tick(self, sensor: dg.SensorDefinition) -> Any:
        context = dg.build_sensor_context(
            self.instance, cursor=self.cursor or None, definitions=self.definitions
        )
        return sensor.evaluate_tick(context)

    def run(self, job: str, request: Any = None, **more: Any) -> dg.ExecuteInProcessResult:
        config = {**QUIET, **(request.run_config if request else {})}
        return self.definitions.resolve_job_def(job).execute_in_process(
            instance=self.instance,
            run_config=config,
            tags=dict(request.tags) if request else None,
            raise_on_error=False,
            **more,
        )

    def refresh(self) -> dg.ExecuteInProcessResult:
        return self.run("refresh")

    def tell(self) -> Any:
        """The failure sensor's turn, on every run that has failed until now; raises what it raises."""
        context = dg.build_sensor_context(
            self.instance, cursor=EVER.isoformat(), definitions=self.definitions
        )
        return build_failure_sensor(STOPPED).evaluate_tick(context)


@contextmanager
def daemon_of(source_id: str) -> Iterator[Daemon]:
    settings = load_settings()
    prepare_environment(settings)
    assert os.environ["DAGSTER_HOME"] == str(settings.dagster_home)
    with dg.DagsterInstance.get() as instance:
        yield Daemon(source_id, instance)
