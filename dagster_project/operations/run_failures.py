"""What a failed run says to a person: the root causes in words, and what to do."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import dagster as dg

from dagster_project.operations.alerts import Alert, redacted, this_week
from dagster_project.operations.hosts import PUBLISHER_TAG, TRANSIENT_TAG
from dagster_project.operations.lock import RefreshRunningError
from dagster_project.publishing.gate import PublishRefusedError
from dagster_project.publishing.release import PublishFailedError
from sources.reading import clock
from sources.reading.bucket import BucketError
from sources.reading.errors import FetchError, SourceError

NEXT = "next:"
UNKNOWN = "open the run in the UI (make dev), or run `chokepoint refresh` and read its last lines"
# So `dbt_runner` says it of itself.
BY_SIGTERM = "stopped by SIGTERM"
MOST_CAUSES = 4
MOST_CHECKS = 8
STARTED_BY_TAG, COMMAND = "chokepoint/started_by", "command"
# Dagster's own.
PARTITION_TAG = "dagster/partition"
# Retried are fetches alone, and only what passes by itself: a figure that is wrong stays wrong.
FETCH_RETRIES, FETCH_RETRY_SECONDS = 2, 60


@contextmanager
def as_dagster_failure(*others: type[Exception]) -> Iterator[None]:
    """Raise an error of ours, or another of those, as Dagster's `Failure`: the UI shows its text above every trace."""
    try:
        yield
    except SourceError as error:
        parts = {
            "where": error.where,
            "expected": error.expected,
            "got": error.got,
            "next": error.next_step,
        }
        raise dg.Failure(str(error), metadata=parts) from error
    except (PublishRefusedError, PublishFailedError, BucketError, *others) as error:
        _, _, do = str(error).partition(NEXT)
        raise dg.Failure(str(error), metadata={"next": do.strip() or UNKNOWN}) from error


def retry_of(
    context: dg.OpExecutionContext | dg.AssetExecutionContext, error: FetchError
) -> dg.RetryRequested | None:
    """What to raise in place of a transient failure, noted on the run; None where a person must look.

    It is for minutes: an hour's outage is waited out by the sensors.
    """
    step, problem = f"{TRANSIENT_TAG}.{context.op_execution_context.op_handle}", ""
    if error.is_transient:
        problem = f"{error.source}: {error.problem}"
    context.instance.add_run_tags(context.run.run_id, {step: problem})
    if not problem:
        return None
    return dg.RetryRequested(FETCH_RETRIES, FETCH_RETRY_SECONDS)


def is_transient(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether a failed run failed by nothing but transient failures at publishers, or by the death of its process.

    A fetch that was had on its second attempt is no reason for what failed after it.
    """
    run = instance.get_run_by_id(run_id)
    if run and run.tags.get(TRANSIENT_TAG):
        return True
    return ended_by_outage(instance, run_id)


def ended_by_outage(instance: dg.DagsterInstance, run_id: str) -> bool:
    """Whether every step of a run that failed was a fetch with a transient failure, or SIGTERM stopped the run.

    So a service is stopped, or a machine shut down; who stops a run in the UI or by Ctrl-C cancels it.
    """
    run = instance.get_run_by_id(run_id)
    tags = run.tags if run else {}
    failures = instance.all_logs(run_id, of_type=dg.DagsterEventType.STEP_FAILURE)
    if any(_was_stopped(entry) for entry in failures):
        return True
    failed = {entry.step_key for entry in failures}
    return bool(failed) and all(tags.get(f"{TRANSIENT_TAG}.{step}") for step in failed)


def _was_stopped(entry: dg.EventLogEntry) -> bool:
    error = getattr(entry.get_dagster_event().event_specific_data, "error", None)
    while error is not None:
        if (
            error.cls_name == dg.DagsterExecutionInterruptedError.__name__
            or BY_SIGTERM in error.message
        ):
            return True
        error = error.cause
    return False


def root_cause(error: Any) -> str:
    """The message at the root of an error as Dagster keeps it, without the name of its class."""
    while getattr(error, "cause", None) is not None:
        error = error.cause
    text = str(error.message).strip()
    # "package.module.ClassName: message" is for programmers; the message is for people.
    head, _, rest = text.partition(": ")
    return rest if rest and " " not in head else text


def causes_of(instance: dg.DagsterInstance, run_id: str) -> tuple[list[str], list[str], bool]:
    """Root causes and stopped checks of a run, and whether it only found another refresh running."""
    causes: list[str] = []
    checks: list[str] = []
    only_running = False
    for entry in instance.all_logs(run_id):
        event = entry.dagster_event
        # What was tried again is reported by how it ended.
        if event is None or event.event_type is dg.DagsterEventType.STEP_UP_FOR_RETRY:
            continue
        if event.event_type is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            result = event.asset_check_evaluation_data
            if not result.passed and result.severity is dg.AssetCheckSeverity.ERROR:
                name = f"{result.asset_key.to_user_string()}: {result.check_name}"
                checks.append(f"{name}: {result.description or ''}")
        error = getattr(event.event_specific_data, "error", None)
        if error is not None:
            only_running |= RefreshRunningError.__name__ in str(error.to_string())
            cause = root_cause(error)
            if cause not in causes:
                causes.append(cause)
    return causes, checks, only_running


def alert_of(instance: dg.DagsterInstance, run: dg.DagsterRun, message: str) -> Alert | None:
    """The alert for a failed run; None where there is nothing to tell (another refresh was running)."""
    causes, checks, only_running = causes_of(instance, run.run_id)
    if only_running:
        return None
    said = [*checks[:MOST_CHECKS], *(causes[:MOST_CAUSES] if not checks else [])] or [message]
    do = [
        line.split(NEXT, 1)[1].strip()
        for cause in causes
        for line in cause.splitlines()
        if NEXT in line
    ]
    if checks:
        do.insert(0, "docs/operate.md, part when a check stops, has each check")
    what = redacted("\n".join(said))
    return Alert(
        key=f"{run.job_name} {what} {this_week()}",
        title=f"Chokepoint: the run of {run.job_name} failed; the last release stays current",
        what=what,
        do=redacted("; ".join(dict.fromkeys(do)) or UNKNOWN) + f" (run {run.run_id})",
    )


def of_broken_pull(alert: Alert, run: dg.DagsterRun) -> Alert:
    """The alert for a pull that an outage ended: one a day of a source, whose periods fail alike."""
    source_id, period = run.tags[PUBLISHER_TAG], run.tags.get(PARTITION_TAG, "")
    return replace(
        alert,
        key=f"pull {source_id} {clock.today()}",
        title=f"Chokepoint: the pull of {source_id}, {period}, was broken off; no pull is begun again by itself",
        do=(
            f"launch partition {period} of {run.job_name} again once the publisher answers, and others that "
            f"failed today (run {run.run_id})"
        ),
    )
