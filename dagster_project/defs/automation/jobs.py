"""The jobs: the whole refresh; taking in one new edition; pulling UN Comtrade by year."""

import dagster as dg

from dagster_project.operations import edition_trials
from dagster_project.operations.run_failures import retry_of
from dagster_project.resources import REFRESH_JOB, tag_process
from dagster_project.settings import load_settings
from sources.editions.candidates import take_in as take_in_edition
from sources.editions.detect import Detection
from sources.editions.pins import PinStore, effective, sweep
from sources.reading.catalog import load_source
from sources.reading.errors import FetchError
from sources.un_comtrade import api as comtrade
from sources.un_comtrade.pulled import describe

FIRST_COMTRADE_YEAR = "2018"
PUBLISHER_TAG = "chokepoint/publisher"
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
    """Take in what a sensor saw; retried only where its publisher has a bad day."""
    settings = load_settings()
    tag_process(context.instance, context.run.run_id)
    detection = Detection(**config.model_dump())
    store = PinStore(settings.state)
    sweep(settings.raw, store)
    source = effective(store, config.source_id)
    try:
        pin = take_in_edition(source, detection, settings.raw, settings.drop)
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


# The API's years; a year goes on coming in over the next. The only partitions of the project.
comtrade_years = dg.TimeWindowPartitionsDefinition(
    start=FIRST_COMTRADE_YEAR, fmt="%Y", cron_schedule="0 0 1 1 *", timezone="UTC"
)


@dg.op(description="All reporters' declarations of one year, by UN Comtrade's API.")
def pull_comtrade_year(context: dg.OpExecutionContext) -> None:
    """Pull one year; a pull that was broken off goes on where it stopped."""
    year, settings = context.partition_key, load_settings()
    tag_process(context.instance, context.run.run_id)
    folder = settings.raw / comtrade.SOURCE_ID
    folder.mkdir(parents=True, exist_ok=True)
    try:
        done = comtrade.pull(comtrade.everything((year,)), folder / f"declarations_{year}.parquet")
    except FetchError as error:
        if retry := retry_of(context, error):
            raise retry from error
        raise
    described = describe(year, done, settings.drop)
    context.log.info(
        f"{year}: {done.rows:,} rows in {done.calls} calls, fetched on {done.fetched_on}"
        + (", by the preview" if done.is_preview else "")
        + f"; described as {described.stem}, to be taken in"
    )


@dg.job(
    name="pull_un_comtrade",
    partitions_def=comtrade_years,
    executor_def=dg.in_process_executor,
    # The queue starts one at a time (dagster.yaml): the limit of calls is that of the key.
    tags={PUBLISHER_TAG: comtrade.SOURCE_ID},
    description="UN Comtrade, one year a partition: a backfill of the UI pulls years again.",
)
def pull_comtrade_job() -> None:
    """One year."""
    pull_comtrade_year()
