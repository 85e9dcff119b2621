"""Sensors: a new edition, an edition on trial, a refresh again after a transient failure, alerts."""

import datetime as dt
import json
from typing import Any

import dagster as dg

from dagster_project.defs.automation.jobs import (
    DetectionConfig,
    refresh_job,
    take_in_job,
)
from dagster_project.defs.automation.schedules import under_way
from dagster_project.operations import alerts, edition_trials
from dagster_project.operations.alerts import Alert, AlertError, deliver, raise_alert, this_week
from dagster_project.operations.hosts import PUBLISHER_TAG
from dagster_project.operations.lock import is_held
from dagster_project.operations.run_failures import (
    COMMAND,
    STARTED_BY_TAG,
    UNKNOWN,
    alert_of,
    ended_by_outage,
    is_transient,
    of_broken_pull,
)
from dagster_project.operations.stale import old_lists
from dagster_project.operations.watch import damage_alert, old_lists_alert, write_heartbeat
from dagster_project.publishing.releases import damage
from dagster_project.resources import REFRESH_JOB, fail_orphaned_runs
from dagster_project.settings import Settings, load_settings
from sources.editions.detect import detect_editions, overdue
from sources.editions.pins import PinStore, effective
from sources.reading import clock
from sources.reading.catalog import Source
from sources.reading.errors import FetchError, SourceError
from sources.reading.input import Input, is_left_out

HOUR = 3600
# How often publishers are looked at, by cadence.
LOOK_SECONDS = {
    "monthly": 3 * HOUR,
    "quarterly": 6 * HOUR,
    "yearly": 6 * HOUR,
    "irregular": 12 * HOUR,
}
# After a transient failure a refresh is tried again; one that lasts raises an alert.
AGAIN_SECONDS = HOUR
OUTAGE_HOURS = 26
FINGERPRINT_TAG = "chokepoint/fingerprint"
# Of failed runs at a tick.
MOST_TOLD = 20


def build_edition_sensor(source: Source, status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """`new_edition_<source>`: looks for a new edition or changed bytes, and asks for it to be taken in."""

    @dg.sensor(
        name=f"new_edition_{source.source_id}",
        job=take_in_job,
        minimum_interval_seconds=LOOK_SECONDS[source.cadence],
        default_status=status,
        description=(
            f"Looks at {source.publisher} and into the drop folder for a new edition or changed bytes of "
            f"{source.title}. Only with CHOKEPOINT_INPUT=live."
        ),
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SensorResult | dg.SkipReason:
        settings = load_settings()
        if settings.input is not Input.LIVE:
            return dg.SkipReason(f"the input is {settings.input.value}: no publisher is asked")
        if is_left_out(source, settings.input, settings.include_restricted):
            return dg.SkipReason("it may not be passed on, and nobody asked for it")
        try:
            store = PinStore(settings.state)
            pinned = effective(store, source.source_id)
            seen = detect_editions(pinned, settings.raw, settings.drop)
        # Whatever it is: else nobody hears that no new edition is found any more.
        except Exception as error:
            return _alert_failed_detection(context, settings, source.source_id, error)
        fresh = [
            detection
            for detection in seen
            if not store.has_seen(source.source_id, detection.fingerprint)
        ]
        store.forget_unseen(source.source_id, {detection.fingerprint for detection in seen})
        late = overdue(pinned, clock.today())
        if late and not seen:
            raise_alert(settings, _overdue_alert(source.source_id, late))
        if not fresh:
            context.update_cursor("")
            return dg.SkipReason(f"nothing new; {len(seen)} detections known")
        hour = clock.now().strftime("%Y-%m-%dT%H")
        requests = [
            dg.RunRequest(
                # Of the hour: a run that an outage ended is asked for again at the next look.
                run_key=f"{detection.fingerprint}-{hour}",
                run_config=dg.RunConfig(ops={"take_in": DetectionConfig(**detection.as_dict())}),
                tags={
                    FINGERPRINT_TAG: detection.fingerprint,
                    STARTED_BY_TAG: f"new_edition_{source.source_id}",
                },
            )
            for detection in fresh
            if not _under_way(context.instance, detection.fingerprint)
        ]
        return dg.SensorResult(run_requests=requests, cursor="")

    return sensor


def _under_way(instance: dg.DagsterInstance, fingerprint: str) -> bool:
    run = under_way(instance, tags={FINGERPRINT_TAG: fingerprint})
    return run is not None and run.run_id not in fail_orphaned_runs(instance, "")


def _overdue_alert(source_id: str, late: str) -> Alert:
    return Alert(
        key=f"overdue {source_id} {late.split(',', maxsplit=1)[0]} {this_week()}",
        title=f"Chokepoint: the next edition of {source_id} is overdue",
        what=late,
        do=(
            f"look at its page (sources/{source_id}/README.md has the click-path); where a new edition is out, "
            "our way to it moved: take it by the drop folder (docs/operate.md, part a new edition)"
        ),
    )


def _alert_failed_detection(
    context: dg.SensorEvaluationContext, settings: Settings, source_id: str, error: Exception
) -> dg.SkipReason:
    """Alert on transient failures after 24 hours, on failures that need a person immediately; each once a week."""
    problem, next_step = type(error).__name__, UNKNOWN
    if isinstance(error, SourceError):
        problem, next_step = error.problem, error.next_step
    now = clock.now()
    since = dt.datetime.fromisoformat(json.loads(context.cursor)) if context.cursor else now
    # A clock that ran ahead wrote a time to come.
    since = min(since, now)
    context.update_cursor(json.dumps(since.isoformat()))
    passes = isinstance(error, FetchError) and error.is_transient
    said = alerts.redacted(str(error) or problem)
    if not passes or now - since > dt.timedelta(hours=OUTAGE_HOURS):
        raise_alert(
            settings,
            Alert(
                key=f"look {source_id} {problem} {this_week()}",
                title=f"Chokepoint: {source_id} can't be looked at for new editions since {since:%Y-%m-%d %H:%M}",
                what=said,
                do=next_step,
            ),
        )
    return dg.SkipReason(said)


def build_due_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """`refresh_due`: a refresh for an edition on trial, and again after a transient failure."""

    @dg.sensor(
        name="refresh_due",
        job=refresh_job,
        minimum_interval_seconds=60,
        default_status=status,
        description=(
            "Asks for a refresh when an edition is on trial, and an hour after a refresh that ended by an "
            "outage or by the death of its process."
        ),
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = load_settings()
        with alerts.alert_on_error(settings, "refresh_due"):
            return due_refresh(settings, context.instance)

    def due_refresh(
        settings: Settings, instance: dg.DagsterInstance
    ) -> dg.RunRequest | dg.SkipReason:
        if holder := is_held(settings.lock):
            return dg.SkipReason(f"another refresh is running ({holder})")
        # Nobody holds the lock: where its process is gone, a refresh is no longer under way. A dead pull
        # would keep the next ones in the queue for ever.
        fail_orphaned_runs(instance, "")
        if run := under_way(instance, job_name=REFRESH_JOB):
            return dg.SkipReason(f"run {run.run_id} is under way")
        last = next(
            iter(instance.get_run_records(dg.RunsFilter(job_name=REFRESH_JOB), limit=1)), None
        )
        ended = last.end_time if last and last.end_time else 0.0
        # One of a clock that ran ahead is not young for as long.
        is_young = abs(clock.now().timestamp() - ended) < AGAIN_SECONDS
        failed = last is not None and last.dagster_run.status is dg.DagsterRunStatus.FAILURE
        broken = last is not None and failed and is_transient(instance, last.dagster_run.run_id)
        try:
            on_trial = edition_trials.due(settings)
        except SourceError as error:
            _pins_damaged(settings, error)
            return dg.SkipReason(f"{error.problem}; an alert is sent")
        for pin in on_trial[:1]:
            # Also one that ended before it could try the edition: not a refresh a minute.
            was_it = (
                last is not None and last.dagster_run.tags.get(FINGERPRINT_TAG) == pin.fingerprint
            )
            if is_young and (pin.tried or broken or was_it):
                return dg.SkipReason(f"{pin.edition.edition} is tried again in an hour")
            return dg.RunRequest(
                # Of the run before: an edition that a person takes up again is tried again.
                run_key=f"trial-{pin.fingerprint}-{last.dagster_run.run_id if last else 0}",
                tags={STARTED_BY_TAG: "refresh_due", FINGERPRINT_TAG: pin.fingerprint},
            )
        if last is not None and broken:
            if is_young:
                return dg.SkipReason("the last refresh was broken off; again in an hour")
            return dg.RunRequest(
                run_key=f"again-{last.dagster_run.run_id}",
                tags={STARTED_BY_TAG: "refresh_due"},
            )
        return dg.SkipReason("nothing is due")

    return sensor


def build_watch_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """`verify_release`: reads every byte of what is published; damage raises an alert and is published anew.

    So do lists kept by hand that nobody has looked at for too long.
    """

    @dg.sensor(
        name="verify_release",
        job=refresh_job,
        minimum_interval_seconds=HOUR,
        default_status=status,
        description="Compares the current release with its SHA256SUMS. Damage raises an alert and starts a refresh.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.RunRequest | dg.SkipReason:
        settings = load_settings()
        current = settings.published / "current"
        if not current.exists():
            return dg.SkipReason("nothing is published")
        today = clock.today()
        if old := old_lists(today):
            raise_alert(settings, old_lists_alert(old, today))
        wrong = damage(current)
        if not wrong:
            return dg.SkipReason("every file is the one that was published")
        what = (
            f"release {current.resolve().name} is damaged on disk: {'; '.join(wrong[:MOST_TOLD])}"
        )
        raise_alert(settings, damage_alert(what))
        if is_held(settings.lock) or under_way(context.instance, job_name=REFRESH_JOB):
            return dg.SkipReason(f"{what}; a refresh is under way")
        return dg.RunRequest(tags={STARTED_BY_TAG: "verify_release"})

    return sensor


def build_failure_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """`tell_of_failures`: draws the conclusion for an edition on trial, and raises an alert."""

    # Not Dagster's sensor of failures: that one goes on to the next run where an alert could not be written.
    @dg.sensor(
        name="tell_of_failures",
        default_status=status,
        minimum_interval_seconds=30,
        jobs=[],
        description="Says what failed and what to do; of a transient failure only once it lasts.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = load_settings()
        with alerts.alert_on_error(settings, "tell_of_failures"):
            since = _since(context.cursor)
            failed = dg.RunsFilter(statuses=[dg.DagsterRunStatus.FAILURE], updated_after=since)
            failed_runs = context.instance.get_run_records(
                failed, limit=MOST_TOLD, order_by="update_timestamp", ascending=True
            )
            for record in failed_runs:
                _alert_failed_run(settings, context.instance, record.dagster_run)
                since = record.update_timestamp
        # Kept by Dagster only where nothing was raised: an alert that could not be raised is raised again.
        context.update_cursor(since.isoformat())
        return dg.SkipReason(f"{len(failed_runs)} failed runs looked at")

    return sensor


def _since(cursor: str | None) -> dt.datetime:
    """Time up to which failed runs have been alerted; now where the cursor holds none.

    After a clock was set back it is a time to come: the last day is looked through anew, an alert comes once.
    """
    now = clock.now()
    try:
        since = dt.datetime.fromisoformat(cursor or "")
    except ValueError:
        return now
    return since if since <= now else now - dt.timedelta(days=1)


def _alert_failed_run(settings: Settings, instance: dg.DagsterInstance, run: dg.DagsterRun) -> None:
    """Decide what follows from a failed run, and raise its alert. Idempotent."""
    # Who started it in a terminal has read there what failed, and the command drew the conclusion.
    if run.tags.get(STARTED_BY_TAG) == COMMAND:
        return
    is_outage = ended_by_outage(instance, run.run_id)
    try:
        ended = edition_trials.resolve_trial(settings, run.run_id, is_outage=is_outage)
    except SourceError as error:
        _pins_damaged(settings, error)
        ended = []
    # The edition's own alert says more than that of the run which it stopped.
    if ended:
        return
    is_passing = is_transient(instance, run.run_id)
    # A refresh is begun again by itself, a pull by nobody.
    is_pull = PUBLISHER_TAG in run.tags
    if is_passing and not is_pull and not _failing_for_long(instance):
        return
    failures = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.RUN_FAILURE)
    message = failures[-1].dagster_event.message if failures and failures[-1].dagster_event else ""
    alert = alert_of(instance, run, message or "")
    if alert is not None and is_passing and is_pull:
        alert = of_broken_pull(alert, run)
    if alert is not None:
        raise_alert(settings, alert)


def _pins_damaged(settings: Settings, error: SourceError) -> None:
    raise_alert(
        settings,
        Alert(
            key=f"pins {error.problem} {this_week()}",
            title=f"Chokepoint: no refresh can run: {error.problem}",
            what=str(error),
            do=error.next_step,
        ),
    )


def _failing_for_long(instance: dg.DagsterInstance) -> bool:
    """Whether refreshes have failed for so long, without one that succeeded, that a person should know."""

    def first(status: dg.DagsterRunStatus, **more: Any) -> dg.RunRecord | None:
        after = {"created_after": more.pop("created_after", None)}
        asked = dg.RunsFilter(job_name=REFRESH_JOB, statuses=[status], **after)
        return next(iter(instance.get_run_records(asked, limit=1, **more)), None)

    done = first(dg.DagsterRunStatus.SUCCESS)
    failed = first(
        dg.DagsterRunStatus.FAILURE,
        ascending=True,
        created_after=dt.datetime.fromtimestamp(done.end_time, dt.UTC)
        if done and done.end_time
        else None,
    )
    if failed is None:
        return False
    began = failed.start_time or failed.create_timestamp.timestamp()
    return clock.now().timestamp() - began > OUTAGE_HOURS * HOUR


def build_alert_sensor(status: dg.DefaultSensorStatus) -> dg.SensorDefinition:
    """`deliver_alerts`: posts what waits to the webhook, until it is taken."""

    @dg.sensor(
        name="deliver_alerts",
        minimum_interval_seconds=60,
        default_status=status,
        jobs=[],
        description=f"Posts alerts to {alerts.URL_VARIABLE}; without it they stay in state/alerts/waiting.",
    )
    def sensor(context: dg.SensorEvaluationContext) -> dg.SkipReason:
        settings = load_settings()
        try:
            write_heartbeat(settings)
        except AlertError as error:
            context.log.warning(str(error))
        try:
            return dg.SkipReason(f"{deliver(settings)} alerts posted")
        except AlertError as error:
            context.log.warning(str(error))
            return dg.SkipReason(f"{error}; {len(alerts.waiting_alerts(settings))} alerts wait")

    return sensor
