"""One refresh in this process: run the job, report progress, sum up what happened.

The run is an ordinary Dagster run of the instance, so the UI shows it like any other.
"""

import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import dagster as dg

from dagster_project.operations.edition_trials import resolve_trial
from dagster_project.operations.lock import RefreshRunningError
from dagster_project.operations.run_failures import ended_by_outage, root_cause
from dagster_project.publishing.release import current_release
from dagster_project.resources import PROCESS_TAG
from dagster_project.settings import Settings


@dataclass
class RefreshReport:
    """What a refresh did, for the closing table. `errors` are root causes, in words."""

    run_id: str
    succeeded: bool = False
    seconds: float = 0.0
    built: list[str] = field(default_factory=list)
    passed: list[str] = field(default_factory=list)
    warned: dict[str, str] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    release: dict[str, Any] | None = None
    is_new_release: bool = False
    another_runs: bool = False


Progress = Callable[[str], None]


def _note(report: RefreshReport, event: dg.DagsterEvent, progress: Progress) -> None:
    kind = event.event_type
    if kind is dg.DagsterEventType.STEP_START and event.step_key:
        progress(event.step_key)
    elif kind is dg.DagsterEventType.ASSET_MATERIALIZATION and event.asset_key:
        name = event.asset_key.to_user_string()
        report.built.append(name)
        if name == "published/release":
            is_new = event.step_materialization_data.materialization.metadata["is_new"].value
            report.is_new_release = bool(is_new)
    elif kind is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        result = event.asset_check_evaluation_data
        name = f"{result.asset_key.to_user_string()}: {result.check_name}"
        if result.passed:
            report.passed.append(name)
        elif result.severity is dg.AssetCheckSeverity.WARN:
            report.warned[name] = result.description or ""
        else:
            report.failed[name] = result.description or ""
    error = getattr(event.event_specific_data, "error", None)
    if error is not None:
        cause = root_cause(error)
        # Two that start together both see a free lock; the slower learns it here.
        report.another_runs |= RefreshRunningError.__name__ in str(error.to_string())
        if cause not in report.errors:
            report.errors.append(cause)


def run_refresh(settings: Settings, progress: Progress) -> RefreshReport:
    """Run the job `refresh` and return its report; a failed refresh is a report, not an exception."""
    started = time.monotonic()
    progress("loading definitions")
    import os

    from dagster_project.definitions import defs
    from dagster_project.operations.lock import process_tag

    run_id = str(uuid.uuid4())
    report = RefreshReport(run_id)
    with dg.DagsterInstance.get() as instance:

        def listen(entry: Any) -> None:
            if entry.dagster_event is not None:
                _note(report, entry.dagster_event, progress)

        instance.add_event_listener(run_id, listen)
        result = defs.resolve_job_def("refresh").execute_in_process(
            run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
            instance=instance,
            run_id=run_id,
            raise_on_error=False,
            tags={PROCESS_TAG: process_tag(os.getpid()), "chokepoint/started_by": "command"},
        )
        is_outage = ended_by_outage(instance, run_id)
    report.succeeded = result.success
    if not report.another_runs:
        for source_id, pin in resolve_trial(settings, run_id, is_outage=is_outage):
            report.warned[f"{source_id} {pin.edition.edition}"] = f"{pin.state}: {pin.reason}"
    report.seconds = time.monotonic() - started
    report.release = current_release(settings.published)
    return report
