"""Years of runs, one after the other: what they leave must not grow."""

import random
import uuid
from collections.abc import Iterator
from pathlib import Path
from unittest import mock

import dagster as dg

from dagster_project.operations import retention
from dagster_project.operations.retention import prune_history
from dagster_project.publishing import audit
from dagster_project.settings import Settings, prepare_environment
from tests.campaign.frame import Trial, Workshop
from tests.defs._workspace import working_in
from tests.failure._helpers import settings_of

RECORDS = [audit.CheckRecord("marts/x:holds", True, "ERROR", "no row offends")]
# What stands beside the runs (the database's own pages, the last run's log) may differ a little.
MOST_GROWN = 1.2


@dg.op
def speak(context: dg.OpExecutionContext) -> None:
    for number in range(20):
        context.log.info(f"{number} " + "x" * 500)


@dg.job(executor_def=dg.in_process_executor)
def refresh() -> None:
    speak()


@dg.job(executor_def=dg.in_process_executor)
def rare() -> None:
    speak()


def run_and_prune(settings: Settings, instance: dg.DagsterInstance, job: dg.JobDefinition) -> str:
    """A run of the job with an audit, and what a refresh does at its end; the run's id."""
    config = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    run_id = str(uuid.uuid4())
    job.execute_in_process(instance=instance, run_id=run_id, run_config=config)
    audit.record(settings.audit, run_id, RECORDS)
    prune_history(settings, instance)
    return run_id


def size_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def years_of_runs(workshop: Workshop, trials: int, chance: random.Random) -> Iterator[Trial]:
    """So many runs of which the last 60 are kept, or a fifth of fewer; now and then one of a rare job."""
    settings = settings_of(workshop.place())
    prepare_environment(settings)
    kept = min(retention.KEPT_RUNS, trials // 5)
    full = 0
    with (
        mock.patch.object(retention, "KEPT_RUNS", kept),
        working_in(settings),
        dg.DagsterInstance.get() as instance,
    ):
        for number in range(1, trials + 1):
            job = rare if chance.random() < 0.02 else refresh
            run_and_prune(settings, instance, job)
            size = size_bytes(settings.dagster_home) + size_bytes(settings.audit)
            if number <= 2 * kept:
                full = max(full, size)
            grown = number > 2 * kept and size > MOST_GROWN * full
            yield Trial(
                f"run {number}",
                f"{size:,} bytes of history; {full:,} after {2 * kept} runs" if grown else "",
            )
