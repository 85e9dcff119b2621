"""One refresh, or one build of a few models, in this process: run it, report progress, sum up what happened.

The run is an ordinary Dagster run of the instance, so the UI shows it like any other.
"""

import difflib
import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import dagster as dg

from dagster_project.operations.command_runs import sigterm_left_alone, tagged_with_job
from dagster_project.operations.edition_trials import resolve_trial
from dagster_project.operations.hosts import PROCESS_TAG, claim, close_session
from dagster_project.operations.lock import RefreshRunningError, process_tag
from dagster_project.operations.run_failures import (
    COMMAND,
    STARTED_BY_TAG,
    ended_by_outage,
    root_cause,
)
from dagster_project.publishing.release import MENDED
from dagster_project.publishing.releases import current_release
from dagster_project.resources import FORCE_TAG, REFRESH_JOB
from dagster_project.settings import Settings

# Layers of dbt: what `chokepoint build` can build.
WAREHOUSE = "warehouse"
# How names of unit tests begin: no asset and no check, dbt runs them beside a part.
UNIT_TEST = "unit__"
LAYERS = {"seeds", "staging", "intermediate", "marts"}


class CannotBuildError(Exception):
    """Models that can't be built from what stands; the text says which, why, and what to do."""


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
    # Name to dbt's status; only where a part is built.
    unit_tests: dict[str, str] = field(default_factory=dict)
    errors: list[str] = field(default_factory=list)
    release: dict[str, Any] | None = None
    is_new_release: bool = False
    another_runs: bool = False


class Progress(Protocol):
    """Shows how far a run is."""

    def expect(self, total: int) -> None:
        """How many assets and checks there will be."""

    def began(self, what: str) -> None:
        """What is at work now."""

    def ended(self, what: str) -> None:
        """An asset or a check has ended; reported twice, it counts once."""


def _counted(key: dg.AssetKey | dg.AssetCheckKey) -> str:
    """The name under which progress counts an asset or a check: of what dbt makes the node's."""
    if isinstance(key, dg.AssetCheckKey):
        of = key.asset_key
        return key.name if of.path[0] in LAYERS else f"{of.to_user_string()}: {key.name}"
    return key.path[-1] if key.path[0] in LAYERS else key.to_user_string()


def _note(report: RefreshReport, event: dg.DagsterEvent, progress: Progress) -> None:
    kind = event.event_type
    if kind is dg.DagsterEventType.STEP_START and event.step_key:
        progress.began(event.step_key.replace("__", "/"))
    elif kind is dg.DagsterEventType.ASSET_MATERIALIZATION and event.asset_key:
        name = event.asset_key.to_user_string()
        report.built.append(name)
        progress.ended(_counted(event.asset_key))
        if name == "published/release":
            metadata = event.step_materialization_data.materialization.metadata
            report.is_new_release = bool(metadata["is_new"].value)
            if MENDED in metadata:
                report.warned[name] = str(metadata[MENDED].value)
    elif kind is dg.DagsterEventType.ASSET_CHECK_EVALUATION:
        result = event.asset_check_evaluation_data
        name = f"{result.asset_key.to_user_string()}: {result.check_name}"
        progress.ended(_counted(result.asset_check_key))
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


def run_refresh(
    settings: Settings, progress: Progress, *, is_forced: bool = False
) -> RefreshReport:
    """Run the job `refresh` and return its report; a failed refresh is a report, not an exception.

    Args:
        settings: where things lie.
        progress: receives each step as it begins.
        is_forced: keep no lake table, though its bytes and code are the same.
    """
    started = time.monotonic()
    progress.began("loading definitions")
    from dagster_project.definitions import defs

    graph = defs.resolve_asset_graph()
    progress.expect(len(graph.materializable_asset_keys) + len(graph.asset_check_keys))
    report = RefreshReport(str(uuid.uuid4()))
    is_outage = _execute(
        defs.resolve_job_def(REFRESH_JOB), report, progress, {FORCE_TAG: "yes"} if is_forced else {}
    )
    if not report.another_runs:
        for source_id, pin in resolve_trial(settings, report.run_id, is_outage=is_outage):
            report.warned[f"{source_id} {pin.edition.edition}"] = f"{pin.state}: {pin.reason}"
    report.seconds = time.monotonic() - started
    report.release = current_release(settings.published)
    return report


def run_build(settings: Settings, names: Sequence[str], progress: Progress) -> RefreshReport:
    """Build models and test them, from the lake and warehouse that stand, and return the report.

    Args:
        names: of models or seeds; with `+` before a name what it is built from too, behind it what is
            built from it.

    Raises:
        CannotBuildError: no model or seed has such a name, or the lake lacks what one reads.
    """
    started = time.monotonic()
    progress.began("loading definitions")
    from dagster_project.definitions import defs

    keys = _selected(defs, names)
    if missing := _not_in_the_lake(settings, defs, keys):
        raise CannotBuildError(
            f"the lake lacks {', '.join(missing)}; next: `chokepoint refresh`, which alone reads sources"
        )
    checks = [
        key for key in defs.resolve_asset_graph().asset_check_keys if key.asset_key in set(keys)
    ]
    progress.expect(len(keys) + len(checks))
    report = RefreshReport(str(uuid.uuid4()))
    _execute(defs.resolve_implicit_global_asset_job_def(), report, progress, {}, keys)
    report.seconds = time.monotonic() - started
    return report


def _selected(defs: dg.Definitions, names: Sequence[str]) -> list[dg.AssetKey]:
    """Keys of the models and seeds that are named."""
    graph = defs.resolve_asset_graph()
    known = {key.path[-1]: key for key in graph.materializable_asset_keys if key.path[0] in LAYERS}
    chosen = dg.AssetSelection.assets()
    for name in names:
        bare = name.strip("+")
        if bare not in known:
            near = difflib.get_close_matches(bare, known, n=3)
            hint = f"; near: {', '.join(near)}" if near else ""
            raise CannotBuildError(f"{bare} is no model or seed of dbt/{hint}")
        one = dg.AssetSelection.assets(known[bare])
        chosen |= one.upstream() if name.startswith("+") else one
        chosen |= one.downstream() if name.endswith("+") else one
    return sorted(chosen.resolve(graph) & set(known.values()))


def _not_in_the_lake(
    settings: Settings, defs: dg.Definitions, keys: Sequence[dg.AssetKey]
) -> list[str]:
    """Tables that these models read, of a source which no refresh has read yet."""
    graph = defs.resolve_asset_graph()
    read = {parent for key in keys for parent in graph.get(key).parent_keys}
    tables = sorted(tuple(parent.path) for parent in read if parent.path[0] == "lake")
    return [
        f"{source_id}/{table}"
        for _, source_id, table in tables
        if not any((settings.lake / source_id).glob(f"{table}.parquet"))
    ]


def _execute(
    job: dg.JobDefinition,
    report: RefreshReport,
    progress: Progress,
    tags: dict[str, str],
    keys: Sequence[dg.AssetKey] | None = None,
) -> bool:
    """Run a job, or these assets of it, noting into the report; whether a publisher's outage ended it."""
    with dg.DagsterInstance.get() as instance:

        def listen(entry: dg.EventLogEntry) -> None:
            if entry.dagster_event is not None:
                _note(report, entry.dagster_event, progress)
            elif entry.step_key == WAREHOUSE:
                # While dbt runs: its nodes as they end. Their events come all together when it has.
                for line in entry.user_message.splitlines():
                    name, _, status = line.partition(": ")
                    if name.startswith(UNIT_TEST):
                        report.unit_tests[name] = status
                        progress.began(name)
                    else:
                        progress.ended(name)

        instance.add_event_listener(report.run_id, listen)
        # Before the run says whose it is: every host then sees that it lives.
        claim(instance, report.run_id)
        with sigterm_left_alone():
            result = job.execute_in_process(
                run_config={"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}},
                instance=tagged_with_job(instance, job.name),
                run_id=report.run_id,
                raise_on_error=False,
                tags={
                    PROCESS_TAG: process_tag(os.getpid()),
                    STARTED_BY_TAG: COMMAND,
                    **tags,
                },
                asset_selection=keys,
            )
        close_session(report.run_id)
        report.succeeded = result.success
        return ended_by_outage(instance, report.run_id)
