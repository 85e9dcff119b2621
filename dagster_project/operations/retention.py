"""What is kept of years of runs: the newest of each job, with their events and logs; and the newest audits."""

import shutil
from collections.abc import Collection

import dagster as dg

from dagster_project.settings import Settings

# A whole refresh leaves some 7 MB in Dagster's history: two months of nights stay, half a GB.
KEPT_RUNS = 60
# At a time: what has gathered before is removed over some refreshes.
MOST_REMOVED = 20
FINISHED = [dg.DagsterRunStatus.SUCCESS, dg.DagsterRunStatus.FAILURE, dg.DagsterRunStatus.CANCELED]


def prune_history(settings: Settings, instance: dg.DagsterInstance) -> list[str]:
    """Remove old runs that have ended, and audits of builds whose runs are gone; returns the ids of those runs.

    Called under the lock of a refresh. Release, warehouse, lake and pins need nothing of a run that has ended.
    """
    removed = []
    for job in sorted({run.job_name for run in instance.get_runs(_finished())}):
        records = instance.get_run_records(_finished(job))
        removed += [record.dagster_run.run_id for record in records[KEPT_RUNS:]]
    # The oldest of each job come last.
    removed = removed[-MOST_REMOVED:]
    for run_id in removed:
        instance.delete_run(run_id)
        # Dagster empties a run's own database, and leaves the file and its logs.
        for path in (settings.dagster_home / "history" / "runs").glob(f"{run_id}.db*"):
            path.unlink()
        # Beside a history in PostgreSQL (dagster_home.py) the logs lie one folder higher.
        for folder in ("storage", ""):
            shutil.rmtree(settings.dagster_home / folder / run_id, ignore_errors=True)
    _prune_audits(settings, removed)
    return removed


def _finished(job: str | None = None) -> dg.RunsFilter:
    return dg.RunsFilter(job_name=job, statuses=FINISHED)


def _prune_audits(settings: Settings, removed: Collection[str]) -> None:
    audits = sorted(settings.audit.glob("*.json"), key=lambda path: path.stat().st_mtime)
    for path in audits[:-KEPT_RUNS]:
        path.unlink()
    for run_id in removed:
        (settings.audit / f"{run_id}.json").unlink(missing_ok=True)
