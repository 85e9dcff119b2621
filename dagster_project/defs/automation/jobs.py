"""The jobs: the whole refresh; taking in one new edition; pulling an API by year or month."""

from functools import cache

import dagster as dg

from dagster_project.operations import edition_trials
from dagster_project.operations.hosts import PUBLISHER_TAG, tag_process
from dagster_project.operations.run_failures import as_dagster_failure, retry_of
from dagster_project.resources import REFRESH_JOB
from dagster_project.settings import load_settings
from sources.editions.candidates import fetch_candidate
from sources.editions.detect import Detection
from sources.editions.pins import PinStore, effective, remove_unpinned_candidates
from sources.reading.catalog import load_source
from sources.reading.errors import FetchError
from sources.reading.reader import PeriodicPull
from sources.registry import all_sources, reader_of

# For a refresh that runs; what is not kept then is seen and taken in again.
WAIT_SECONDS = 1800

refresh_job = dg.define_asset_job(
    REFRESH_JOB,
    selection=dg.AssetSelection.all(),
    description=(
        "The whole of it: verify the input, tidy it into the lake, build and test the marts, check "
        "them, publish a release. One at a time, guarded by an OS lock."
    ),
    executor_def=dg.in_process_executor,
)


class DetectionConfig(dg.Config):
    """What a sensor saw; see `sources.editions.detect.Detection`."""

    source_id: str
    edition: str
    kind: str
    fingerprint: str
    said: str
    item: str = ""
    day: str = ""
    words: str = "{}"


@dg.op(
    description=(
        "Fetch a new edition beside the old, read it, ask its source's checks, compare it with the edition "
        "before. It goes on trial, or needs review, with the reason."
    )
)
def take_in(context: dg.OpExecutionContext, config: DetectionConfig) -> None:
    """Take in what a sensor saw; retried only after a transient failure."""
    settings = load_settings()
    tag_process(context.instance, context.run.run_id)
    detection = Detection(**config.model_dump())
    store = PinStore(settings.state)
    remove_unpinned_candidates(settings.raw, store)
    source = effective(store, config.source_id)
    with as_dagster_failure():
        try:
            pin = fetch_candidate(source, detection, settings.raw, settings.drop)
        except FetchError as error:
            if retry := retry_of(context, error):
                raise retry from error
            raise
    known = load_source(config.source_id)
    edition_trials.put(settings, known, pin, holder=context.run.run_id, wait_seconds=WAIT_SECONDS)
    context.log.info(f"{config.source_id} {pin.edition.edition}: {pin.state}. {pin.reason}")
    context.log_event(
        dg.AssetObservation(
            asset_key=dg.AssetKey(["raw", config.source_id]),
            description=f"{pin.edition.edition}: {pin.state}. {pin.reason}",
            metadata={
                "new_edition": pin.edition.edition,
                "state": pin.state,
                "reason": pin.reason or "its own checks passed",
                "compared": dg.MetadataValue.json(pin.compared),
            },
        )
    )


@dg.job(
    name="take_in_edition",
    executor_def=dg.in_process_executor,
    description="What a sensor saw: fetched, read, checked, compared; then on trial, or in need of review.",
)
def take_in_job() -> None:
    """One new edition."""
    take_in()


# Format of a partition's key, and when the next one begins.
PERIODS = {"year": ("%Y", "0 0 1 1 *"), "month": ("%Y-%m", "0 0 1 * *")}


def build_pull_job(name: str, source_id: str, api: PeriodicPull) -> dg.JobDefinition:
    """`pull_<name>`: an API asked by period, one a partition: a backfill pulls periods again.

    They are the only partitions of the project.
    """
    key_format, begins = PERIODS[api.frequency]

    @dg.op(
        name=f"pull_{name}_{api.frequency}",
        description=f"One {api.frequency} of {source_id}, by its API.",
    )
    def pull_period(context: dg.OpExecutionContext) -> None:
        settings = load_settings()
        tag_process(context.instance, context.run.run_id)
        with as_dagster_failure():
            try:
                context.log.info(api.pull(context.partition_key, settings.raw, settings.drop))
            except FetchError as error:
                if retry := retry_of(context, error):
                    raise retry from error
                raise

    @dg.job(
        name=f"pull_{name}",
        partitions_def=dg.TimeWindowPartitionsDefinition(
            start=api.first_period, fmt=key_format, cron_schedule=begins, timezone="UTC"
        ),
        executor_def=dg.in_process_executor,
        # The queue starts one at a time (dagster.yaml): the limit of calls is that of the key.
        tags={PUBLISHER_TAG: source_id},
        description=(
            f"{source_id}, one {api.frequency} a partition: a backfill of the UI pulls "
            f"{api.frequency}s again."
        ),
    )
    def pull() -> None:
        pull_period()

    return pull


@cache
def pull_jobs() -> dict[str, dg.JobDefinition]:
    """Job of each API that is pulled by period: by its source, a second one of a source by its periods too."""
    jobs = {}
    for source in all_sources():
        for number, api in enumerate(reader_of(source.source_id).periodic_pulls):
            name = f"{source.source_id}_{api.frequency}s" if number else source.source_id
            jobs[name] = build_pull_job(name, source.source_id, api)
    return jobs
