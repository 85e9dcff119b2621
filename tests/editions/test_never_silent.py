"""Automation never stops without a word: dead runs are buried, and an alert that can't be written is tried again."""

import datetime as dt
import json
from collections.abc import Iterator
from typing import Any

import dagster as dg
import pytest

from dagster_project import resources
from dagster_project.defs.automation import schedules, sensors
from dagster_project.operations import alerts
from dagster_project.operations.hosts import PROCESS_TAG
from sources.reading import clock
from sources.reading.catalog import load_source
from sources.reading.errors import FetchError
from tests.editions._instance import STOPPED, Daemon, daemon_of
from tests.editions._pins import SOURCE
from tests.mirror.server import Mirror

STATUS = dg.DagsterRunStatus


@pytest.fixture
def daemon(live: Mirror) -> Iterator[Daemon]:
    assert live.seen == []
    with daemon_of(SOURCE) as made:
        yield made


def begun(daemon: Daemon, status: STATUS, **tags: str) -> dg.DagsterRun:
    """A refresh as a kill leaves it."""
    job = daemon.definitions.resolve_job_def("refresh")
    return daemon.instance.create_run_for_job(job, status=status, tags=tags)


def failed(daemon: Daemon, run: dg.DagsterRun) -> None:
    event = dg.DagsterEvent(dg.DagsterEventType.RUN_FAILURE.value, run.job_name, message="no disk")
    daemon.instance.report_dagster_event(event, run.run_id)


def by_the_clock(daemon: Daemon) -> Any:
    schedule = schedules.build_schedule(
        "monthly", [load_source(SOURCE)], dg.DefaultScheduleStatus.STOPPED
    )
    return schedule.evaluate_tick(dg.build_schedule_context(daemon.instance))


@pytest.mark.parametrize("status", [STATUS.NOT_STARTED, STATUS.STARTING, STATUS.STARTED])
def test_a_schedule_buries_the_dead_and_goes_on(daemon: Daemon, status: STATUS) -> None:
    killed = begun(daemon, status, **{PROCESS_TAG: "1@0.00"})
    assert len(by_the_clock(daemon).run_requests or []) == 1
    found = daemon.instance.get_run_by_id(killed.run_id)
    assert found is not None
    assert found.status is STATUS.FAILURE


def test_a_run_that_died_before_it_named_its_process_is_buried(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun(daemon, STATUS.STARTED)
    assert "is under way" in (by_the_clock(daemon).skip_message or "")
    monkeypatch.setattr(resources, "UNTOLD_PROCESS", dt.timedelta(0))
    assert len(by_the_clock(daemon).run_requests or []) == 1


def test_a_clock_that_was_set_back_stops_nothing(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Runs of before are then of a day that is to come, for as long as the clock had run ahead."""
    ahead = clock.now()
    done = begun(daemon, STATUS.STARTED)
    succeeded = dg.DagsterEvent(dg.DagsterEventType.RUN_SUCCESS.value, "refresh")
    daemon.instance.report_dagster_event(succeeded, done.run_id)
    assert "hours ago" in (by_the_clock(daemon).skip_message or "")
    monkeypatch.setattr(clock, "now", lambda: ahead - dt.timedelta(days=30))
    assert len(by_the_clock(daemon).run_requests or []) == 1
    # One that died before it named its process, and that is begun again.
    begun(daemon, STATUS.STARTED)
    assert len(daemon.tick(daemon.due).run_requests or []) == 1


def test_a_look_that_fails_in_an_unknown_way_is_told(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_detection(*_: object) -> None:
        raise RecursionError("maximum recursion depth exceeded")

    monkeypatch.setattr(sensors, "detect_editions", fail_detection)
    for _ in range(2):
        assert "maximum recursion depth" in daemon.tick(daemon.looks).skip_message
    [alert] = alerts.waiting_alerts(daemon.settings)
    assert f"{SOURCE} can't be looked at" in alert.read_text()


@pytest.mark.parametrize("ran_ahead", [dt.timedelta(0), dt.timedelta(days=2000)])
def test_a_failure_is_told_after_the_clock_was_set_back(
    daemon: Daemon, ran_ahead: dt.timedelta
) -> None:
    """The cursor is the time of a run that failed while it ran ahead."""
    cursor = (clock.now() + ran_ahead).isoformat()
    failed(daemon, begun(daemon, STATUS.STARTED))
    context = dg.build_sensor_context(
        daemon.instance, cursor=cursor, definitions=daemon.definitions
    )
    sensors.build_failure_sensor(STOPPED).evaluate_tick(context)
    assert len(alerts.waiting_alerts(daemon.settings)) == 1


def test_an_outage_lasts_as_long_after_the_clock_was_set_back(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_detection(*_: object) -> None:
        raise FetchError(
            source=SOURCE,
            problem="busy",
            where="",
            expected="",
            got="",
            next_step="",
            is_transient=True,
        )

    monkeypatch.setattr(sensors, "detect_editions", fail_detection)
    now = clock.now()
    context = dg.build_sensor_context(
        daemon.instance,
        cursor=json.dumps((now + dt.timedelta(days=2000)).isoformat()),
        definitions=daemon.definitions,
    )
    cursor = daemon.looks.evaluate_tick(context).cursor
    assert dt.datetime.fromisoformat(json.loads(cursor or "")) < now + dt.timedelta(hours=1)


def test_a_sensor_or_schedule_that_fails_is_told(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail_detection(*_: object) -> None:
        raise ValueError("never foreseen")

    monkeypatch.setattr(sensors, "fail_orphaned_runs", fail_detection)
    monkeypatch.setattr(schedules, "fail_orphaned_runs", fail_detection)
    with pytest.raises(ValueError, match="never foreseen"):
        daemon.tick(daemon.due)
    with pytest.raises(Exception, match="evaluation of schedule refresh_monthly"):
        by_the_clock(daemon)
    texts = [path.read_text() for path in alerts.waiting_alerts(daemon.settings)]
    for whose in ("refresh_due", "refresh_monthly"):
        assert [text for text in texts if f"Chokepoint: {whose} fails" in text]


def test_an_alert_that_cannot_be_written_is_tried_again(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = begun(daemon, STATUS.STARTED)
    daemon.instance.report_run_failed(run, message="went wrong")

    def no_room(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr(alerts, "write_atomically", no_room)
        # Raised, so Dagster keeps the cursor as it was.
        with pytest.raises(OSError, match="No space left"):
            daemon.tell()
    assert alerts.waiting_alerts(daemon.settings) == []
    daemon.tell()
    [alert] = alerts.waiting_alerts(daemon.settings)
    assert "went wrong" in alert.read_text()
    # What was told lies behind the cursor.
    later = dg.build_sensor_context(
        daemon.instance, cursor=daemon.tell().cursor, definitions=daemon.definitions
    )
    tick = sensors.build_failure_sensor(dg.DefaultSensorStatus.STOPPED).evaluate_tick(later)
    assert "0 failed runs" in (tick.skip_message or "")
