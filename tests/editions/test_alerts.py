"""Alerts: they wait until the webhook takes them, go over TLS, and say no secret."""

import http.server
import json
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import dagster as dg
import polars as pl
import pytest
import yaml
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.defs.automation.jobs import pull_jobs
from dagster_project.operations import alerts, run_failures
from dagster_project.operations.alerts import Alert, AlertError, deliver, post, raise_alert
from dagster_project.operations.run_failures import alert_of
from dagster_project.settings import load_settings, prepare_environment
from sources.reading.catalog import Edition
from sources.reading.files import sha256_of
from tests.mirror import comtrade
from tests.mirror.server import Fault, Mirror

MARKED = "marked-WEBHOOK-8e41"


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


@pytest.mark.parametrize("variable", ["CHOKEPOINT_ALERT_URL", "CHOKEPOINT_HEARTBEAT_URL"])
@pytest.mark.parametrize(
    ("url", "said"),
    [
        (f"https://[{MARKED}/x", "is no address"),
        (f"https://example.org/{MARKED}\r", "is no address"),
        (f"https://example.org/{MARKED} x", "is no address"),
        (f"https://example.org/{MARKED}\N{RIGHT DOUBLE QUOTATION MARK}", "is no address"),
        (f"https://example.org:{MARKED}/x", "is no address"),
        (f"https:///{MARKED}", "is not https"),
        (f"hooks.example.org/{MARKED}", "is not https"),
        (f"http://example.org/{MARKED}", "is not https"),
        (f"mailtos://{MARKED}@host", "is not installed"),
    ],
)
def test_an_address_that_cannot_be_posted_to_is_refused_before_there_is_an_alert(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: str, url: str, said: str
) -> None:
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(AlertError, match=said):
        post(url, {}, variable)
    given = {"CHOKEPOINT_DATA": str(tmp_path), variable: url}
    ended = CliRunner().invoke(app, ["serve", "--no-ui"], env=given)
    assert (ended.exit_code, len(ended.output.splitlines())) == (1, 1), ended.output
    assert said in ended.output
    assert MARKED not in ended.output


def test_mail_and_pagers_go_by_apprise_over_tls(monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[tuple[str, str]] = []

    class Pager:
        secure_protocol = ("pagers", "pager2")

        @staticmethod
        def notify(body: str, title: str) -> bool:
            told.append((title, body))
            return "undeliverable" not in body

    def instantiate(url: str) -> Pager | None:
        return None if url.startswith("ftp:") else Pager()

    known = SimpleNamespace(Apprise=SimpleNamespace(instantiate=instantiate))
    monkeypatch.setitem(sys.modules, "apprise", known)
    post(f"pagers://{MARKED}@host", {"text": "title\nwhat\ndo"})
    assert told == [("title", "what\ndo")]
    with pytest.raises(AlertError, match="could not deliver") as refused:
        post(f"pager2://{MARKED}@host", {"text": "title\nundeliverable"})
    assert MARKED not in str(refused.value)
    # In clear, or unknown to it.
    for url in ("pager://host", "ftp://host"):
        with pytest.raises(AlertError, match="is not https"):
            post(url, {"text": "title"})
    monkeypatch.setitem(sys.modules, "apprise", None)
    with pytest.raises(AlertError, match="is not installed") as absent:
        post(f"mailtos://{MARKED}@host", {"text": "title"})
    assert MARKED not in str(absent.value)


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
