"""`chokepoint pull`: years or months of an API without a daemon: pulled, taken in, on trial for the next refreshes."""

import os
import uuid
from collections.abc import Iterator, Sequence
from typing import Any

import dagster as dg

from dagster_project.defs.automation.jobs import (
    DetectionConfig,
    pull_jobs,
    take_in_job,
)
from dagster_project.operations.command_runs import sigterm_left_alone, tagged_with_job
from dagster_project.operations.hosts import PROCESS_TAG, PUBLISHER_TAG, claim, close_session
from dagster_project.operations.lock import process_tag
from dagster_project.operations.run_failures import COMMAND, STARTED_BY_TAG, causes_of
from dagster_project.settings import Settings, SettingsError
from sources.editions.detect import detect_editions
from sources.editions.pins import PinStore, effective
from sources.reading.catalog import load_source
from sources.reading.input import Input, is_left_out

QUIET = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}


class PullError(Exception):
    """A period could not be pulled; the text is of the root causes."""


def pull_periods(settings: Settings, name: str, periods: Sequence[str]) -> Iterator[str]:
    """Do what a backfill and the daemon do, in this process; says what became of each edition.

    Args:
        name: of the API; empty for the only one that has these periods.

    Raises:
        SettingsError: no such API, no refresh would read it, or a period that is no partition.
        PullError: a transient failure at the publisher, or one that needs a person.
    """
    job = _job_of(name, periods)
    source_id = job.tags[PUBLISHER_TAG]
    source = load_source(source_id)
    if settings.input is not Input.LIVE or is_left_out(
        source, settings.input, settings.include_restricted
    ):
        asked = "CHOKEPOINT_INPUT=live"
        if not source.redistributable:
            asked += " CHOKEPOINT_INCLUDE_RESTRICTED=1"
        raise SettingsError(f"A pull is read only with {asked}: set it")
    store = PinStore(settings.state)
    with dg.DagsterInstance.get() as instance:
        for period in periods:
            yield from _ended(instance, job, QUIET, period)
            for detection in detect_editions(
                effective(store, source_id), settings.raw, settings.drop
            ):
                if not store.has_seen(source_id, detection.fingerprint):
                    taking = dg.RunConfig(ops={"take_in": DetectionConfig(**detection.as_dict())})
                    yield from _ended(instance, take_in_job, {**taking.to_config_dict(), **QUIET})
                    yield from _pull_outcome(store, source_id, detection.fingerprint)


def _job_of(name: str, periods: Sequence[str]) -> dg.JobDefinition:
    """The job that pulls these periods.

    Raises:
        SettingsError: none does, or more than one where none is named.
    """
    jobs = pull_jobs()
    known = {
        each: job.partitions_def.get_partition_keys()
        for each, job in jobs.items()
        if job.partitions_def is not None and name in {"", each}
    }
    fitting = [each for each, keys in known.items() if periods and not set(periods) - set(keys)]
    if len(fitting) == 1:
        return jobs[fitting[0]]
    asked = " ".join(periods) or "no period"
    if fitting:
        raise SettingsError(
            f"Periods of more than one API: {asked}; next: --source {' or '.join(fitting)}"
        )
    if not known:
        raise SettingsError(f"Pulled by period: {', '.join(jobs)}; got {name}")
    ranges = "; ".join(f"{each} from {keys[0]} to {keys[-1]}" for each, keys in known.items())
    raise SettingsError(f"At least one period of one API ({ranges}): got {asked}")


def _ended(
    instance: dg.DagsterInstance,
    job: dg.JobDefinition,
    config: dict[str, Any],
    period: str | None = None,
) -> Iterator[str]:
    run_id = str(uuid.uuid4())
    claim(instance, run_id)
    with sigterm_left_alone():
        result = job.execute_in_process(
            run_id=run_id,
            instance=tagged_with_job(instance, job.name),
            partition_key=period,
            run_config=config,
            tags={PROCESS_TAG: process_tag(os.getpid()), STARTED_BY_TAG: COMMAND},
            raise_on_error=False,
        )
    close_session(run_id)
    if not result.success:
        causes, _, _ = causes_of(instance, result.run_id)
        raise PullError("\n".join(causes))
    if period:
        yield f"{period}: pulled"


def _pull_outcome(store: PinStore, source_id: str, fingerprint: str) -> Iterator[str]:
    for pin in store.read().get(source_id, []):
        if pin.fingerprint == fingerprint:
            yield f"{pin.edition.edition}: {pin.state}" + (f"; {pin.reason}" if pin.reason else "")
