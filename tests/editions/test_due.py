"""What the daemon does of itself about an edition on trial, and when it wakes somebody."""

from collections.abc import Iterator

import dagster as dg
import pytest

from dagster_project.cli.pin import accept_for_trial
from dagster_project.defs.automation import sensors
from dagster_project.defs.automation.sensors import FINGERPRINT_TAG
from dagster_project.operations import alerts, edition_trials
from sources.editions.pins import PinStore, candidate_folder
from tests.editions._instance import Daemon, daemon_of
from tests.editions._pins import SHEET, SOURCE, pin, stopped
from tests.mirror.server import Mirror

STATUS = dg.DagsterRunStatus


@pytest.fixture
def daemon(live: Mirror) -> Iterator[Daemon]:
    assert live.seen == []
    with daemon_of(SOURCE) as made:
        yield made


def ended(daemon: Daemon, status: STATUS = STATUS.FAILURE, fingerprint: str = "") -> dg.DagsterRun:
    """A refresh that has just ended."""
    run = daemon.instance.create_run_for_job(
        daemon.definitions.resolve_job_def("refresh"),
        status=STATUS.STARTED,
        tags={FINGERPRINT_TAG: fingerprint},
    )
    kind = {
        STATUS.FAILURE: dg.DagsterEventType.RUN_FAILURE,
        STATUS.SUCCESS: dg.DagsterEventType.RUN_SUCCESS,
    }[status]
    daemon.instance.report_dagster_event(dg.DagsterEvent(kind.value, "refresh"), run.run_id)
    return run


def test_an_edition_that_is_taken_up_again_is_started_again(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = daemon.settings
    PinStore(settings.state).put(SOURCE, pin())
    [first] = daemon.tick(daemon.due).run_requests
    run = ended(daemon, fingerprint=pin().fingerprint)
    edition_trials.start_trial(settings, run.run_id, is_whole=True)
    stopped(settings, run.run_id)
    edition_trials.resolve_trial(settings, run.run_id)
    assert daemon.tick(daemon.due).skip_message == "nothing is due"
    beside = candidate_folder(settings.raw, SOURCE, pin())
    beside.mkdir(parents=True)
    (beside / SHEET).write_bytes(b"new")
    accept_for_trial(settings, f"{SOURCE}:CMO2026-04")
    # A run that ends before it can try the edition is not begun each minute.
    assert "tried again in an hour" in daemon.tick(daemon.due).skip_message
    monkeypatch.setattr(sensors, "AGAIN_SECONDS", 0)
    [second] = daemon.tick(daemon.due).run_requests
    assert second.run_key != first.run_key
    # Stopped again by the same check: told again.
    edition_trials.start_trial(settings, "build-2", is_whole=True)
    stopped(settings, "build-2")
    edition_trials.resolve_trial(settings, "build-2")
    assert len(alerts.waiting_alerts(settings)) == 2


def test_damaged_pins_are_reported_and_stop_no_sensor(daemon: Daemon) -> None:
    settings, store = daemon.settings, PinStore(daemon.settings.state)
    store.path.parent.mkdir(parents=True, exist_ok=True)
    for damage in (b"a: [b", b"\xff\xfe"):
        store.path.write_bytes(damage)
        assert "pins.yml can't be read" in daemon.tick(daemon.due).skip_message
    [alert] = alerts.waiting_alerts(settings)
    assert "move the file away" in alert.read_text()
    ended(daemon)
    daemon.tell()
    assert len(alerts.waiting_alerts(settings)) == 2


def test_an_outage_lasts_from_the_first_refresh_that_it_broke_off(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert not sensors._failing_for_long(daemon.instance)
    # The first of a month: that nothing ran for weeks is no outage.
    ended(daemon)
    assert not sensors._failing_for_long(daemon.instance)
    monkeypatch.setattr(sensors, "OUTAGE_HOURS", 0)
    assert sensors._failing_for_long(daemon.instance)
    ended(daemon, STATUS.SUCCESS)
    assert not sensors._failing_for_long(daemon.instance)
    ended(daemon)
    assert sensors._failing_for_long(daemon.instance)
