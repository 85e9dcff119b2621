"""The one resource: where things lie, and the lock that a run holds from first write to last rename."""

import contextlib
import datetime as dt
import os
from collections.abc import Iterator

import dagster as dg
from dagster import InitResourceContext
from pydantic import PrivateAttr

from dagster_project.operations.edition_trials import start_trial
from dagster_project.operations.hosts import (
    PROCESS_TAG,
    claim_refresh,
    end_refresh,
    is_gone,
    still_holds_refresh,
    tag_died,
    tag_process,
)
from dagster_project.operations.lock import RefreshRunningError, process_tag, refresh_lock
from dagster_project.operations.retention import prune_history
from dagster_project.publishing.fingerprint import inputs_digest
from dagster_project.settings import (
    Settings,
    collect_garbage_rarely,
    load_settings,
    prepare_environment,
)
from sources.editions.pins import Pin, with_pins
from sources.reading import clock
from sources.reading.catalog import Source
from sources.reading.input import Input
from sources.reading.paths import without_stand_ins
from sources.registry import all_sources

REFRESH_JOB = "refresh"
# A run says which process it has as soon as it has begun.
UNTOLD_PROCESS = dt.timedelta(minutes=30)
# On a run that keeps no lake table: it reads and checks every one again.
FORCE_TAG = "chokepoint/force"
IN_PROGRESS = [
    dg.DagsterRunStatus.STARTING,
    dg.DagsterRunStatus.STARTED,
    dg.DagsterRunStatus.CANCELING,
]


class Workspace(dg.ConfigurableResource["Workspace"]):
    """Settings of the run. Taken by everything that writes: initialising it takes the lock."""

    _pins: dict[str, list[Pin]] = PrivateAttr(default_factory=dict)
    _absent: frozenset[tuple[str, str]] = PrivateAttr(default=frozenset())

    _is_forced: bool = PrivateAttr(default=False)
    # Of a whole refresh only: what a partial build is made from is not known.
    _inputs_digest: str = PrivateAttr(default="")
    _run_id: str = PrivateAttr(default="")

    @property
    def inputs_digest(self) -> str:
        """Digest of what this run builds from, taken when it began; empty where it is not a whole refresh."""
        return self._inputs_digest

    @property
    def is_forced(self) -> bool:
        """Whether nothing that stands may be kept."""
        return self._is_forced

    def make_sure_alone(self) -> None:
        """Make sure, before the last step, that no other host could have begun a refresh meanwhile.

        Raises:
            LockLostError: it could.
        """
        still_holds_refresh(self._run_id)

    @property
    def settings(self) -> Settings:
        """Paths and input, from the environment."""
        return load_settings()

    def source(self, source: Source) -> Source:
        """The source with the editions that this build reads: decided once, when the run began."""
        pinned = with_pins(source, self._pins.get(source.source_id, []))
        read = [e for e in pinned.editions if (source.source_id, e.edition) not in self._absent]
        # Without any, the one that is asked for says what to do.
        return pinned.with_editions(read) if read else pinned

    def sources(self) -> tuple[Source, ...]:
        """Every source, as `source`."""
        return tuple(self.source(source) for source in all_sources())

    @contextlib.contextmanager
    def yield_for_execution(self, context: InitResourceContext) -> Iterator["Workspace"]:
        """Hold the refresh lock for the life of the run.

        Raises:
            RefreshRunningError: another run holds it.
        """
        settings = load_settings()
        prepare_environment(settings)
        # A run of the UI or the daemon has a process of its own, as a command has.
        collect_garbage_rarely()
        run_id = self._run_id = context.run.run_id if context.run is not None else "direct"
        with refresh_lock(settings.lock, run_id), _over_all_hosts(context, run_id):
            if context.instance is not None and context.run is not None:
                fail_orphaned_runs(context.instance, run_id)
                prune_history(settings, context.instance)
            self._is_forced = context.run is not None and FORCE_TAG in context.run.tags
            is_whole = context.run is not None and context.run.job_name == REFRESH_JOB
            if is_whole and context.run is not None and not context.run.asset_selection:
                self._inputs_digest = inputs_digest(settings)
            self._pins = start_trial(settings, run_id, is_whole=is_whole)
            self._absent = _absent(settings) if settings.input is Input.LIVE else frozenset()
            yield self


@contextlib.contextmanager
def _over_all_hosts(context: InitResourceContext, run_id: str) -> Iterator[None]:
    """Name the process of the run, and hold the one refresh over all hosts for the block.

    Raises:
        RefreshRunningError: a run on another host holds it.
    """
    if context.instance is not None and context.run is not None:
        tag_process(context.instance, run_id)
        if holder := claim_refresh(run_id):
            raise RefreshRunningError(
                f"another host refreshes ({holder}), so nothing was touched. Wait for it to end, or stop it, and try again"
            )
    try:
        yield
    finally:
        end_refresh(run_id)


def _absent(settings: Settings) -> frozenset[tuple[str, str]]:
    """Source and name of editions that nobody dropped and that something stands in for."""
    absent: set[tuple[str, str]] = set()
    for source in all_sources():
        here = without_stand_ins(source, settings.raw, settings.drop).editions
        names = {edition.edition for edition in source.editions} - {e.edition for e in here}
        absent |= {(source.source_id, name) for name in names}
    return frozenset(absent)


def cancel_own_runs() -> None:
    """Mark runs canceled that this process executes: it is about to end, by a person's will."""
    with dg.DagsterInstance.get() as instance:
        own = {PROCESS_TAG: process_tag(os.getpid())}
        statuses = [*IN_PROGRESS, dg.DagsterRunStatus.NOT_STARTED]
        for run in instance.get_runs(dg.RunsFilter(tags=own, statuses=statuses)):
            instance.report_run_canceled(
                run, "Stopped by the person who had started it, or by the system."
            )


def fail_orphaned_runs(instance: dg.DagsterInstance, own_run_id: str) -> list[str]:
    """Mark runs failed whose process is gone, and free their slots. Returns their ids.

    A SIGKILL leaves a run "started" for ever, or "not started" if it came before the first step, and no schedule
    would begin another; called under the lock by the next run, and by schedules and sensors before they ask what
    runs.
    """
    buried = []
    statuses = [*IN_PROGRESS, dg.DagsterRunStatus.NOT_STARTED]
    for record in instance.get_run_records(dg.RunsFilter(statuses=statuses)):
        run = record.dagster_run
        tag = run.tags.get(PROCESS_TAG)
        if tag is None:
            # Of a clock that ran ahead: as long.
            unseen = abs(clock.now() - record.update_timestamp)
            has_died = unseen > UNTOLD_PROCESS
            tag = f"unknown for {unseen.total_seconds() / 60:.0f} minutes"
        else:
            has_died = is_gone(instance, run)
        if run.run_id == own_run_id or not has_died:
            continue
        instance.report_run_failed(
            run,
            message=f"Its process ({tag}) is gone: killed, or the machine went down.",
        )
        instance.event_log_storage.free_concurrency_slots_for_run(run.run_id)
        tag_died(instance, run)
        buried.append(run.run_id)
    return buried
