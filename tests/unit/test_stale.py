"""Lists that nobody looked at for too long are named, on any day to come; the clock is moved, never waited for."""

import datetime as dt
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.automation.sensors import build_watch_sensor
from dagster_project.operations import stale
from dagster_project.operations.alerts import waiting_alerts
from dagster_project.operations.stale import (
    controls_checked_on,
    old_editions,
    old_lists,
    reviewed_lists,
)
from dagster_project.settings import DBT_PROJECT
from sources.reading import clock
from sources.reading.catalog import SOURCES_ROOT
from tests.conftest import run_command
from tests.failure.tiny_release import tiny_release

ONE_LIST = (
    "list_file,checked_on,review_days,reason\na.csv,2027-12-31,60,why\nb.csv,2020-01-01,,never\n"
)


def move_clock(monkeypatch: pytest.MonkeyPatch, day: dt.date) -> None:
    moment = dt.datetime.combine(day, dt.time(12), dt.UTC)
    monkeypatch.setattr(clock, "now", lambda: moment)


def test_a_list_is_old_from_the_day_after_it_was_due(tmp_path: Path) -> None:
    path = tmp_path / "reviewed_list.csv"
    path.write_text(ONE_LIST, encoding="utf-8")
    assert old_lists(dt.date(2028, 2, 29), path) == []
    assert old_lists(dt.date(2028, 3, 1), path) == [
        "a.csv: last checked on 2027-12-31, 61 days ago; due 2028-02-29"
    ]


def test_every_list_of_ours_says_when_it_was_last_checked() -> None:
    """A list of facts that is left out here would grow old without a word."""
    listed = {one.file for one in reviewed_lists()}
    root = SOURCES_ROOT.parent
    facts = {str(path.relative_to(root)) for path in (SOURCES_ROOT / "reference").glob("*.csv")}
    assert facts - listed == set(), "add a row to dbt/seeds/reviewed_list.csv"
    assert [file for file in sorted(listed) if not (root / file).exists()] == []


def test_the_newest_day_of_controls_is_that_of_the_last_look() -> None:
    """Every answer about controls "in force" is of the newest day: a look that adds none would be in no answer."""
    days = (DBT_PROJECT / "seeds" / "control_date.csv").read_text(encoding="utf-8").splitlines()[1:]
    newest = max(dt.date.fromisoformat(day.partition(",")[0]) for day in days)
    assert dt.timedelta(0) <= controls_checked_on() - newest <= dt.timedelta(days=7), (
        "add the day of the look at export_controls.csv to dbt/seeds/control_date.csv"
    )


def test_the_daemon_tells_a_person_once_a_month(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = tiny_release(tmp_path)
    monkeypatch.setenv("CHOKEPOINT_DATA", str(settings.data))
    sensor = build_watch_sensor(dg.DefaultSensorStatus.STOPPED)
    lists = tmp_path / "reviewed_list.csv"
    lists.write_text(ONE_LIST, encoding="utf-8")
    monkeypatch.setattr(stale, "LISTS", lists)
    waiting = []
    for month, day in ((2, 29), (3, 1), (3, 2), (4, 5)):
        move_clock(monkeypatch, dt.date(2028, month, day))
        with dg.DagsterInstance.ephemeral() as instance:
            tick = sensor.evaluate_tick(dg.build_sensor_context(instance))
        assert not tick.run_requests
        waiting.append(len(waiting_alerts(settings)))
    assert waiting == [0, 1, 1, 2]
    texts = [path.read_text() for path in waiting_alerts(settings)]
    assert all("a.csv: last checked on 2027-12-31" in text for text in texts)


def test_an_edition_that_does_not_come_is_late_offline_too(tmp_path: Path) -> None:
    settings = tiny_release(tmp_path)
    late = old_editions(settings, dt.date(2099, 1, 1))
    assert any(line.startswith("cepii_baci: ") for line in late)
    assert not any(line.startswith("un_comtrade") for line in late), "it is left out of the release"


def test_status_says_of_which_day_the_controls_are(tmp_path: Path) -> None:
    shown = run_command("status", data=tiny_release(tmp_path).data)
    assert shown.returncode == 0
    assert f"as of {controls_checked_on()}" in shown.stdout
