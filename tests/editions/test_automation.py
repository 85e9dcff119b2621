"""Bad days and the daemon: retried for minutes, asked again after an hour, told once it lasts; never twice at once."""

import datetime as dt
import json
import os
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.defs.automation import sensors
from dagster_project.defs.automation.jobs import pull_jobs
from dagster_project.defs.automation.schedules import CRONS, build_schedule
from dagster_project.defs.sources import assets
from dagster_project.operations import alerts, run_failures
from dagster_project.operations.hosts import PROCESS_TAG
from dagster_project.operations.lock import refresh_lock
from dagster_project.operations.run_failures import TRANSIENT_TAG, alert_of
from sources.editions.pins import PinStore
from sources.fetching.client import Client
from sources.fetching.retry import RetryPolicy
from sources.reading.catalog import LiveAccess, load_source
from sources.reading.lake import read_sidecar
from sources.registry import all_sources
from tests.editions._instance import Daemon, daemon_of
from tests.editions._pins import pin
from tests.mirror import publishers
from tests.mirror.server import DOWN, Fault, Mirror

PINK = "world_bank_pink_sheet"
SHEET = "CMO-Historical-Data-Monthly.xlsx"


def client_without_sleep(source_id: str, access: LiveAccess, **_: object) -> Client:
    """A client that doesn't sleep."""
    return Client(
        source_id, access, retry_policy=RetryPolicy(attempts=1, sleep=lambda seconds: None)
    )


@pytest.fixture
def daemon(live: Mirror, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """The daemon of one small source, whose client never retries."""
    monkeypatch.setattr("sources.fetching.fetch_edition.Client", client_without_sleep)
    monkeypatch.setattr(run_failures, "FETCH_RETRY_SECONDS", 0)
    publishers.publish(live, load_source(PINK), shared_data)
    with daemon_of(PINK) as made:
        yield made


@pytest.mark.shared
@pytest.mark.slow
def test_an_outage_ends_by_itself(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = load_source(PINK).editions[0].live.addresses[SHEET]
    assert daemon.refresh().success
    # An hour: nobody is woken, and the next refresh but one is asked for by itself.
    shutil.rmtree(daemon.settings.raw / PINK)
    live.fail(url, always=DOWN)
    before = len(live.requests(url))
    store = PinStore(daemon.settings.state)
    store.put("usgs_mcs", pin("MCS2027"))
    failed = daemon.refresh()
    assert not failed.success
    assert store.read()["usgs_mcs"][0].tried == [failed.dagster_run.run_id]
    # The fetch, twice again; one request each, as this client never retries.
    assert len(live.requests(url)) - before == 3
    daemon.tell()
    assert alerts.waiting_alerts(daemon.settings) == []
    # Another publisher's edition on trial is not to blame.
    assert store.read()["usgs_mcs"][0].tried == []
    assert "MCS2027 is tried again in an hour" in daemon.tick(daemon.due).skip_message
    store.path.unlink()
    assert "again in an hour" in daemon.tick(daemon.due).skip_message
    monkeypatch.setattr(sensors, "AGAIN_SECONDS", 0)
    [request] = daemon.tick(daemon.due).run_requests
    assert request.run_key == f"again-{failed.dagster_run.run_id}"
    # A week: a person is told, once.
    monkeypatch.setattr(sensors, "OUTAGE_HOURS", 0)
    daemon.tell()
    daemon.tell()
    [alert] = alerts.waiting_alerts(daemon.settings)
    assert "can't be reached" in alert.read_text()
    live.mend()
    assert daemon.run("refresh", request).success
    assert daemon.tick(daemon.due).skip_message == "nothing is due"


@pytest.mark.shared
@pytest.mark.slow
def test_a_refresh_that_a_shutdown_stops_begins_again(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A service that is stopped, or a machine that goes down in order, sends SIGTERM to the run."""

    def shut_down(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(5)

    store = PinStore(daemon.settings.state)
    store.put("usgs_mcs", pin("MCS2027"))
    monkeypatch.setattr(assets, "write_table", shut_down)
    assert not daemon.refresh().success
    daemon.tell()
    assert alerts.waiting_alerts(daemon.settings) == []
    # The edition on trial is not to blame.
    assert [each.state for each in store.read()["usgs_mcs"]] == ["trial"]
    store.path.unlink()
    assert "again in an hour" in daemon.tick(daemon.due).skip_message


@pytest.mark.shared
@pytest.mark.slow
def test_a_fetch_that_was_had_at_last_excuses_nothing_behind_it(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    live.fail(load_source(PINK).editions[0].live.addresses[SHEET], DOWN)

    def stop(*_: object, **__: object) -> None:
        raise ValueError("wrong from here on")

    monkeypatch.setattr(assets, "write_table", stop)
    failed = daemon.refresh()
    assert not failed.success
    assert not run_failures.is_transient(daemon.instance, failed.dagster_run.run_id)
    daemon.tell()
    [alert] = alerts.waiting_alerts(daemon.settings)
    assert json.loads(alert.read_text())["what"] == "wrong from here on"
    assert daemon.tick(daemon.due).skip_message == "nothing is due"


@pytest.mark.shared
@pytest.mark.slow
def test_a_refresh_whose_machine_went_down_is_begun_again(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert daemon.refresh().success
    # One was killed before its first step.
    killed, unborn = (
        daemon.instance.create_run_for_job(
            daemon.definitions.resolve_job_def("refresh"),
            status=status,
            tags={PROCESS_TAG: "1@0.00"},
        )
        for status in (dg.DagsterRunStatus.STARTED, dg.DagsterRunStatus.NOT_STARTED)
    )
    schedule = build_schedule("monthly", [load_source(PINK)], dg.DefaultScheduleStatus.STOPPED)
    context = dg.build_schedule_context(daemon.instance)
    assert "again in an hour" in daemon.tick(daemon.due).skip_message
    for run in (killed, unborn):
        found = daemon.instance.get_run_by_id(run.run_id)
        assert found is not None
        assert found.status is dg.DagsterRunStatus.FAILURE
        assert TRANSIENT_TAG in found.tags
    monkeypatch.setattr(sensors, "AGAIN_SECONDS", 0)
    assert len(daemon.tick(daemon.due).run_requests) == 1
    # By the clock: not a second time in one night.
    assert "hours ago" in (schedule.evaluate_tick(context).skip_message or "")
    monkeypatch.setattr("dagster_project.defs.automation.schedules.FRESH_HOURS", 0)
    assert len(schedule.evaluate_tick(context).run_requests or []) == 1


@pytest.mark.shared
@pytest.mark.slow
def test_a_second_refresh_ends_at_once_without_an_alert(daemon: Daemon) -> None:
    settings = daemon.settings
    schedule = build_schedule("monthly", [load_source(PINK)], dg.DefaultScheduleStatus.STOPPED)
    with refresh_lock(settings.lock, "the first"):
        context = dg.build_schedule_context(daemon.instance)
        for tick in (schedule.evaluate_tick(context), daemon.tick(daemon.due)):
            assert "another refresh is running (run the first" in (tick.skip_message or "")
        second = daemon.refresh()
    assert not second.success
    assert not (settings.raw / PINK).exists()
    assert not (settings.lake_folder / PINK).exists()
    assert alert_of(daemon.instance, second.dagster_run, "") is None
    daemon.tell()
    assert alerts.waiting_alerts(settings) == []


@pytest.mark.parametrize("fault", [DOWN, Fault(status=404)], ids=["passing", "lasting"])
def test_a_publisher_that_cannot_be_looked_at(
    live: Mirror, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = load_source("cepii_baci")
    assert source.live is not None
    assert source.live.new_editions is not None
    page = source.live.new_editions.page or ""
    live.fail(page, always=fault)
    monkeypatch.setattr("sources.editions.detect.Client", client_without_sleep)
    with daemon_of("cepii_baci") as daemon:
        first = daemon.tick(daemon.looks)
        assert "cepii_baci: the publisher" in first.skip_message
        is_transient = fault is DOWN
        assert len(alerts.waiting_alerts(daemon.settings)) == (0 if is_transient else 1)
        # Down for more than a day since.
        since = dt.datetime.now(dt.UTC) - dt.timedelta(hours=27)
        daemon.cursor = json.dumps(since.isoformat())
        daemon.tick(daemon.looks)
        daemon.tick(daemon.looks)
        [alert] = alerts.waiting_alerts(daemon.settings)
        assert "What to do: " in alert.read_text()


def test_sensors_ask_no_publisher_where_the_input_is_embedded(
    live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOKEPOINT_INPUT", "embedded")
    with daemon_of("cepii_baci") as daemon:
        assert "no publisher is asked" in daemon.tick(daemon.looks).skip_message
    assert live.seen == []


@pytest.mark.shared
@pytest.mark.slow
def test_a_backup_refreshes_without_its_publisher(
    daemon: Daemon, live: Mirror, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What docs/operate.md tells to keep is enough."""
    assert daemon.refresh().success
    before = read_sidecar(daemon.settings.lake_folder, PINK, "commodity_price")
    restored = tmp_path / "restored"
    for name in ("raw", "state"):
        if (daemon.settings.data / name).exists():
            shutil.copytree(daemon.settings.data / name, restored / name)
    live.fail(load_source(PINK).editions[0].live.addresses[SHEET], always=DOWN)
    monkeypatch.setenv("CHOKEPOINT_DATA", str(restored))
    monkeypatch.setenv("DAGSTER_HOME", str(restored / "dagster"))
    with daemon_of(PINK) as elsewhere:
        assert elsewhere.refresh().success
        after = read_sidecar(elsewhere.settings.lake_folder, PINK, "commodity_price")
    assert after.content_digest == before.content_digest
    assert not after.editions["CMO2026-03"].startswith("snapshot:")


def test_every_cadence_has_its_nights() -> None:
    assert {source.cadence for source in all_sources()} <= CRONS.keys()
    assert {source.cadence for source in all_sources()} <= sensors.LOOK_SECONDS.keys()


def test_years_of_comtrade_are_partitions() -> None:
    partitions = pull_jobs()["un_comtrade"].partitions_def
    assert partitions is not None
    keys = partitions.get_partition_keys()
    assert keys[:2] == ["2018", "2019"]
    assert "2024" in keys
