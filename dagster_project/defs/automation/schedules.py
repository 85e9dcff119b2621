"""When a refresh is due by the clock: by the cadences of the sources. What is due by an event: `sensors`.

A missed tick (the machine was off) is made up for by Dagster's scheduler, the newest one only.
"""

import datetime as dt
from typing import Any

import dagster as dg

from dagster_project.defs.automation.jobs import refresh_job
from dagster_project.defs.publishing.assets import RELEASE_KEY
from dagster_project.operations.alerts import alert_on_error
from dagster_project.operations.lock import is_held
from dagster_project.operations.run_failures import STARTED_BY_TAG
from dagster_project.publishing.fingerprint import unchanged_release
from dagster_project.resources import IN_PROGRESS, REFRESH_JOB, fail_orphaned_runs
from dagster_project.settings import Settings, load_settings
from sources.reading import clock
from sources.reading.catalog import Source

# Nights, UTC. Sheets of a month come out in its first days; a book of a year at odd times.
CRONS = {
    "monthly": "15 4 1-14 * *",
    "quarterly": "15 4 * * 3",
    "yearly": "15 4 * * 1",
    "irregular": "15 4 1 * *",
}
# Two cadences may meet in one night.
FRESH_HOURS = 6
BEGUN = [*IN_PROGRESS, dg.DagsterRunStatus.QUEUED, dg.DagsterRunStatus.NOT_STARTED]


def under_way(instance: dg.DagsterInstance, **which: Any) -> dg.DagsterRun | None:
    """A run that is queued or goes on, as Dagster knows it; arguments as those of `dg.RunsFilter`."""
    found = instance.get_runs(dg.RunsFilter(statuses=BEGUN, **which), limit=1)
    return found[0] if found else None


def build_schedule(
    cadence: str, sources: list[Source], status: dg.DefaultScheduleStatus
) -> dg.ScheduleDefinition:
    """`refresh_<cadence>`: publishers of this cadence are asked, and everything is built.

    A refresh is whole whatever asked for it: a release is of one build.
    """
    names = ", ".join(source.source_id for source in sources)

    @dg.schedule(
        name=f"refresh_{cadence}",
        job=refresh_job,
        cron_schedule=CRONS[cadence],
        execution_timezone="UTC",
        default_status=status,
        description=f"Refresh for {names}. The same content makes no new release.",
    )
    def schedule(context: dg.ScheduleEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = load_settings()
        with alert_on_error(settings, f"refresh_{cadence}"):
            return due(settings, context.instance)

    def due(settings: Settings, instance: dg.DagsterInstance) -> dg.RunRequest | dg.SkipReason:
        if holder := is_held(settings.lock):
            return dg.SkipReason(f"another refresh is running ({holder})")
        fail_orphaned_runs(instance, "")
        if run := under_way(instance, job_name=REFRESH_JOB):
            return dg.SkipReason(f"run {run.run_id} is under way")
        fresh = dt.timedelta(hours=FRESH_HOURS)
        done = dg.RunsFilter(
            job_name=REFRESH_JOB,
            statuses=[dg.DagsterRunStatus.SUCCESS],
            updated_after=clock.now() - fresh,
            # One of a clock that ran ahead would be fresh for as long.
            updated_before=clock.now() + fresh,
        )
        for run in instance.get_runs(done, limit=1):
            return dg.SkipReason(f"run {run.run_id} did it less than {FRESH_HOURS} hours ago")
        if same := unchanged_release(settings):
            # For the release's freshness: it is what a refresh would publish.
            still = dg.AssetMaterialization(
                RELEASE_KEY, metadata={"release": same["release"], "is_new": False}
            )
            instance.report_runless_asset_event(still)
            return dg.SkipReason(f"unchanged since release {same['release']}")
        return dg.RunRequest(tags={STARTED_BY_TAG: f"refresh_{cadence}"})

    return schedule
