"""`chokepoint status --exit-code`: what a monitor is told while nobody looks, and when it is told nothing."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.automation.sensors import build_alert_sensor
from dagster_project.operations.alerts import Alert, raise_alert
from dagster_project.operations.watch import OLD_DAYS, STALLED_SECONDS, problems, write_heartbeat
from dagster_project.publishing.fingerprint import note_refreshed
from dagster_project.publishing.releases import DATABASE
from dagster_project.settings import Settings
from tests.conftest import run_command
from tests.failure.tiny_release import tiny_release


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """All is well: a whole release, a daemon that has just ticked, no alert."""
    settings = tiny_release(tmp_path)
    write_heartbeat(settings)
    return settings


def _no_release(settings: Settings) -> None:
    (settings.published / "current").unlink()


def _flipped_byte(settings: Settings) -> None:
    (settings.published / "current" / DATABASE).write_bytes(b"martS")


def _daemon_stands_still(settings: Settings) -> None:
    then = time.time() - STALLED_SECONDS - 60
    os.utime(settings.heartbeat, (then, then))


def _no_refresh_for_weeks(settings: Settings) -> None:
    note_refreshed(settings)
    then = time.time() - 86_400 * (OLD_DAYS + 1)
    os.utime(settings.refreshed, (then, then))


def _refreshed_by_a_clock_that_ran_ahead(settings: Settings) -> None:
    note_refreshed(settings)
    os.utime(settings.refreshed, (then := time.time() + 86_400 * 30, then))


def _heartbeat_of_a_clock_that_ran_ahead(settings: Settings) -> None:
    os.utime(settings.heartbeat, (then := time.time() + 86_400, then))


def _daemon_never_ran(settings: Settings) -> None:
    settings.heartbeat.unlink()


def _alert_waits(settings: Settings) -> None:
    raise_alert(settings, Alert("key", "title", "what", "do"))


CASES = [
    (_no_release, "nothing is published; next: `make refresh`"),
    (_flipped_byte, "release 2026.11.1 is damaged on disk"),
    (_daemon_stands_still, "no sign of life for 31 minutes"),
    (_daemon_never_ran, "the daemon has never run here"),
    (_no_refresh_for_weeks, "no refresh has ended well for 11 days"),
    (_refreshed_by_a_clock_that_ran_ahead, "the last refresh ended 30.0 days from now"),
    (_heartbeat_of_a_clock_that_ran_ahead, "sign of life is 1,440 minutes from now"),
    (_alert_waits, "1 alerts wait"),
]


@pytest.mark.parametrize(("spoil", "told"), CASES)
def test_each_trouble_is_told_alone(
    settings: Settings, spoil: Callable[[Settings], None], told: str
) -> None:
    assert problems(settings) == []
    spoil(settings)
    [line] = problems(settings)
    assert told in line
    assert "next:" in line


def test_without_a_daemon_none_is_missed(settings: Settings) -> None:
    settings.heartbeat.unlink()
    assert problems(settings, is_automated=False) == []


def test_the_exit_code_is_for_a_monitor(settings: Settings) -> None:
    def ended(*options: str) -> tuple[int, str]:
        done = run_command("status", *options, data=settings.data)
        return done.returncode, done.stderr

    assert ended("--exit-code") == (0, "")
    _flipped_byte(settings)
    code, text = ended("--exit-code")
    assert code == 1
    assert text.startswith("release 2026.11.1 is damaged on disk")
    # For a person it shows and judges nothing.
    assert ended()[0] == 0


def test_the_daemon_gives_its_sign_each_tick(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.heartbeat.unlink()
    monkeypatch.setenv("CHOKEPOINT_DATA", str(settings.data))
    sensor = build_alert_sensor(dg.DefaultSensorStatus.RUNNING)
    with dg.DagsterInstance.ephemeral() as instance:
        sensor(dg.build_sensor_context(instance))
    assert problems(settings) == []
