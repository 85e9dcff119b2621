"""Bad days and the daemon: retried for minutes, asked again after an hour, told once it lasts; never twice at once."""

import datetime as dt
import http.server
import json
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import polars as pl
import pytest
import yaml

from dagster_project.defs.automation import sensors
from dagster_project.defs.automation.jobs import pull_jobs
from dagster_project.defs.automation.schedules import CRONS, build_schedule
from dagster_project.defs.sources import assets
from dagster_project.operations import alerts, run_failures
from dagster_project.operations.alerts import Alert, AlertError, deliver, post, raise_alert
from dagster_project.operations.hosts import PROCESS_TAG
from dagster_project.operations.lock import refresh_lock
from dagster_project.operations.run_failures import TRANSIENT_TAG, alert_of
from dagster_project.settings import load_settings, prepare_environment
from sources.editions.pins import PinStore
from sources.fetching.client import Client
from sources.fetching.retry import RetryPolicy
from sources.reading.catalog import Edition, LiveAccess, load_source
from sources.reading.files import sha256_of
from sources.reading.lake import read_sidecar
from sources.registry import all_sources
from tests.editions._instance import Daemon, daemon_of
from tests.editions._pins import pin
from tests.mirror import comtrade, publishers
from tests.mirror.server import DOWN, Fault, Mirror

PINK = "world_bank_pink_sheet"
SHEET = "CMO-Historical-Data-Monthly.xlsx"
MARKED = "marked-WEBHOOK-8e41"


def impatient(source_id: str, access: LiveAccess, **_: object) -> Client:
    """A client that doesn't sleep."""
    return Client(
        source_id, access, retry_policy=RetryPolicy(attempts=1, sleep=lambda seconds: None)
    )


@pytest.fixture
def daemon(live: Mirror, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """The daemon of one small source, whose client never retries."""
    monkeypatch.setattr("sources.fetching.fetch_edition.Client", impatient)
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
    monkeypatch.setattr("sources.editions.detect.Client", impatient)
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


class _Hook(http.server.BaseHTTPRequestHandler):
    told: list[dict[str, str]]
    status: int
    unwanted: str

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.told.append(json.loads(body))
        self.send_response(400 if self.unwanted in self.told[-1]["text"] else self.status)
        self.send_header("Location", "http://127.0.0.1:9/elsewhere")
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """Nothing."""


@pytest.fixture
def hook(live: Mirror, monkeypatch: pytest.MonkeyPatch) -> Iterator[type[_Hook]]:
    handler = type("Hook", (_Hook,), {"told": [], "status": 204, "unwanted": "never said"})
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        address = f"http://127.0.0.1:{server.server_address[1]}/{MARKED}"
        monkeypatch.setenv(alerts.URL_VARIABLE, address)
        yield handler
        server.shutdown()


ALERT = Alert("key", "Chokepoint: something failed", "what failed", "mend it")


def test_an_alert_waits_until_the_webhook_takes_it(
    hook: type[_Hook], capfd: pytest.CaptureFixture[str]
) -> None:
    settings = load_settings()
    assert raise_alert(settings, ALERT)
    # Told once.
    assert not raise_alert(settings, ALERT)
    for status in (500, 302):
        hook.status = status
        with pytest.raises(AlertError, match=f"127.0.0.1 answers with status {status}") as refused:
            deliver(settings)
        assert MARKED not in str(refused.value)
    assert len(alerts.waiting_alerts(settings)) == 1
    hook.status = 204
    assert deliver(settings) == 1
    assert deliver(settings) == 0
    assert hook.told[-1]["text"] == "Chokepoint: something failed\nwhat failed\nWhat to do: mend it"
    assert not raise_alert(settings, ALERT)
    assert MARKED not in capfd.readouterr().err


def test_an_alert_that_is_refused_does_not_hold_up_the_next(hook: type[_Hook]) -> None:
    settings = load_settings()
    for key in ("first", "second", "third"):
        raise_alert(settings, Alert(key, key, "what failed", "mend it"))
    hook.unwanted = "first"
    with pytest.raises(AlertError, match="status 400"):
        deliver(settings)
    assert [told["title"] for told in hook.told] == ["first", "second", "third"]
    assert len(alerts.waiting_alerts(settings)) == 1
    # Of a status that every alert would get, one is enough.
    raise_alert(settings, Alert("fourth", "fourth", "what failed", "mend it"))
    hook.unwanted, hook.status = "never said", 429
    with pytest.raises(AlertError, match="status 429"):
        deliver(settings)
    assert len(hook.told) == 4


@pytest.mark.parametrize("left", [b"", b'{"title": "first", "wh', b"\xff\xfe"])
def test_a_damaged_alert_holds_up_no_other_and_is_raised_again(
    hook: type[_Hook], left: bytes
) -> None:
    settings = load_settings()
    first = Alert("first", "first", "what failed", "mend it")
    raise_alert(settings, first)
    [damaged] = alerts.waiting_alerts(settings)
    damaged.write_bytes(left)
    raise_alert(settings, Alert("second", "second", "what failed", "mend it"))
    assert deliver(settings) == 1
    assert raise_alert(settings, first)
    assert deliver(settings) == 1
    assert [told["title"] for told in hook.told] == ["second", "first"]


@pytest.mark.parametrize(
    "url",
    ["http://example.org/x", "ftp://127.0.0.1/x", "http://127.0.0.1.example.org/", "file:///etc/x"],
)
def test_alerts_go_over_tls_or_stay_on_this_machine(url: str) -> None:
    with pytest.raises(AlertError, match="is not https"):
        post(url, {})


@pytest.mark.slow
def test_a_marked_key_is_in_no_log_error_metadata_or_database(
    hook: type[_Hook],
    live: Mirror,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Of a run that succeeds, of one that its publisher refuses and says the key back, and of their alerts."""
    key = comtrade.KEY
    monkeypatch.setenv("COMTRADE_API_KEY", key)
    monkeypatch.setattr(run_failures, "FETCH_RETRY_SECONDS", 0)
    rows = [comtrade.row("842", "156", "280530", "2023", "M", value=10.0)]
    comtrade.publish(live, rows, preview_rows=500, keyed_rows=100_000)
    url = f"https://{comtrade.HOST}/data/v1/get/C/A/HS"
    settings = load_settings()
    prepare_environment(settings)
    with dg.DagsterInstance.get() as instance:

        def pull() -> dg.ExecuteInProcessResult:
            job = dg.Definitions(jobs=[*pull_jobs().values()]).resolve_job_def("pull_un_comtrade")
            return job.execute_in_process(
                instance=instance, partition_key="2023", raise_on_error=False
            )

        assert pull().success
        assert live.requests(url)[-1].headers["ocp-apim-subscription-key"] == key
        # The pull is an edition, described as `drop/` wants it.
        [described] = (settings.drop / "un_comtrade").glob("API2023_*.yml")
        content = yaml.safe_load(described.read_text(encoding="utf-8"))
        [file] = content["files"]
        held = described.with_suffix("") / Path(file["path"]).name
        file["sha256"] = sha256_of(held)
        assert Edition.model_validate(content).edition == described.stem
        assert pl.read_parquet(held)["primaryValue"].to_list() == ["10.0"]
        echo = json.dumps({"statusCode": 401, "message": f"no such key: {key}"}).encode()
        live.fail(url, always=Fault(status=401, body=echo, content_type="application/json"))
        (settings.raw / "un_comtrade" / "declarations_2023.parquet").unlink()
        failed = pull()
        assert not failed.success
        alert = alert_of(instance, failed.dagster_run, "")
        assert alert is not None
        raise_alert(settings, alert)
        raise_alert(settings, Alert("k", "t", f"a key {key} said by somebody", "nothing"))
        deliver(settings)
        assert "status 401" in hook.told[0]["text"]
        assert "a key *** said by somebody" in hook.told[1]["text"]
        metadata = [str(entry.to_json()) for run in instance.get_runs() for entry in instance.all_logs(run.run_id)]  # fmt: skip
    printed = capfd.readouterr()
    said = [json.dumps(hook.told), *metadata, printed.out, printed.err]
    assert len(metadata) > 10
    held = [path for path in settings.data.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in held)
    for secret in (key, MARKED):
        assert [path for path in held if secret.encode() in path.read_bytes()] == []
        assert not [text for text in said if secret in text]


def test_years_of_comtrade_are_partitions() -> None:
    partitions = pull_jobs()["un_comtrade"].partitions_def
    assert partitions is not None
    keys = partitions.get_partition_keys()
    assert keys[:2] == ["2018", "2019"]
    assert "2024" in keys
