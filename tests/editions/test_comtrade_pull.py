"""UN Comtrade by year: a pull becomes an edition that is read, and a dead pull holds up no other."""

from collections.abc import Iterator

import dagster as dg
import polars as pl
import pytest
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.operations import alerts, run_failures
from dagster_project.operations.hosts import PROCESS_TAG
from dagster_project.operations.run_failures import TRANSIENT_TAG
from sources.editions.pins import PinStore
from tests.editions._instance import Daemon, daemon_of, published
from tests.mirror import comtrade
from tests.mirror.server import Mirror

COMTRADE = "un_comtrade"
# As many declarations as a year must have, and as large: a pull asks every reporter for every line of ours.
LINES = ("280530", "282200", "283691", "284610", "810520")
VALUES = {"2023": 10_000.0, "2024": 20_000.0}


@pytest.fixture
def daemon(live: Mirror, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    """Of a clean machine that may read what may not be passed on."""
    monkeypatch.setenv("CHOKEPOINT_INCLUDE_RESTRICTED", "1")
    monkeypatch.delenv("COMTRADE_API_KEY", raising=False)
    rows = [
        comtrade.row(reporter, partner, line, year, flow, value=value)
        for year, value in VALUES.items()
        for line in LINES
        for reporter, partner, flow in (("842", "156", "M"), ("156", "842", "X"))
    ]
    comtrade.publish(live, rows, preview_rows=500, keyed_rows=100_000)
    with daemon_of(COMTRADE) as made:
        yield made


def test_a_pull_whose_machine_went_down_raises_an_alert_and_leaves_the_queue(
    daemon: Daemon,
) -> None:
    job = daemon.definitions.resolve_job_def("pull_un_comtrade")
    killed = daemon.instance.create_run_for_job(
        job, status=dg.DagsterRunStatus.STARTED, tags={**job.tags, PROCESS_TAG: "1@0.00"}
    )
    assert daemon.tick(daemon.due).skip_message == "nothing is due"
    found = daemon.instance.get_run_by_id(killed.run_id)
    assert found is not None
    assert found.status is dg.DagsterRunStatus.FAILURE
    # Nobody but a person asks for it again.
    assert TRANSIENT_TAG not in found.tags
    daemon.tell()
    [alert] = alerts.waiting_alerts(daemon.settings)
    assert "pull_un_comtrade failed" in alert.read_text()


@pytest.mark.slow
def test_a_restricted_refresh_stands_on_pulls_alone(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The files of the web's export, which nobody can fetch, are left out where nobody dropped them.

    A year by the preview, a year with a key.
    """
    settings, store = daemon.settings, PinStore(daemon.settings.state)
    assert daemon.run("pull_un_comtrade", partition_key="2023").success
    monkeypatch.setenv("COMTRADE_API_KEY", comtrade.KEY)
    assert daemon.run("pull_un_comtrade", partition_key="2024").success
    ways = [seen.path for seen in live.requests() if seen.host == comtrade.HOST]
    assert ways == ["/public/v1/preview/C/A/HS", "/data/v1/get/C/A/HS"]
    requests = daemon.tick(daemon.looks).run_requests
    assert len(requests) == 2
    for request in requests:
        assert daemon.run("take_in_edition", request).success
    pins = {pin.edition.edition[:7]: pin for pin in store.read()[COMTRADE]}
    assert [(name, pin.state, pin.reason) for name, pin in sorted(pins.items())] == [
        ("API2023", "trial", ""),
        ("API2024", "trial", ""),
    ]
    assert not any("warned" in pin.compared for pin in pins.values())
    # One at a time.
    for number in (1, 2):
        [request] = daemon.tick(daemon.due).run_requests
        assert daemon.run("refresh", request).success
        assert len((published(settings) or {})["editions"]) == number
    assert {pin.state for pin in store.read()[COMTRADE]} == {"current"}
    lake = pl.read_parquet(settings.lake_folder / COMTRADE / "declaration.parquet")
    found = lake.select("reference_year", "flow", "hs6", "value_usd").sort(pl.all())
    assert found.rows() == [
        (int(year), flow, line, value)
        for year, value in VALUES.items()
        for flow in ("export", "import")
        for line in LINES
    ]
    # A pull that was lost is had from the drop folder again; one that is nowhere stops.
    [first, _] = sorted(pin.edition.edition for pin in store.read()[COMTRADE])
    [file] = (settings.raw / COMTRADE / first).glob("*.parquet")
    file.unlink()
    assert daemon.refresh().success
    file.unlink()
    (settings.drop / COMTRADE / first / file.name).unlink()
    assert not daemon.refresh().success


def said(failed: dg.ExecuteInProcessResult) -> list[str]:
    """Root causes of the steps that failed."""
    found = []
    for event in failed.all_events:
        if event.is_step_failure:
            error = event.step_failure_data.error
            while error and error.cause:
                error = error.cause
            found.append(error.message if error else "")
    return found


def test_without_pulls_and_files_one_error_says_what_to_do(daemon: Daemon) -> None:
    failed = daemon.refresh()
    assert not failed.success
    [told] = said(failed)
    assert "BULK2024" in told
    assert "chokepoint pull" in told
    assert "COMTRADE_API_KEY" in told
    assert "drop folder" in told


def test_half_of_an_edition_that_was_dropped_is_no_reason_to_leave_it_out(daemon: Daemon) -> None:
    """A wrong file, and a pull beside: a person meant the edition to be read."""
    settings = daemon.settings
    assert daemon.run("pull_un_comtrade", partition_key="2024").success
    [request] = daemon.tick(daemon.looks).run_requests
    assert daemon.run("take_in_edition", request).success
    (settings.drop / COMTRADE / "bulk_2024.csv.gz").write_bytes(b"half of i")
    failed = daemon.refresh()
    [told] = said(failed)
    assert "the bytes of a pinned edition changed" in told


def test_years_are_pulled_by_a_command_without_a_daemon(
    daemon: Daemon, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, run = PinStore(daemon.settings.state), CliRunner()
    monkeypatch.setenv("COMTRADE_API_KEY", comtrade.KEY)
    more_than_one = "--source eurostat_comext_months or "
    for years, told in ((["1999"], "1999"), ([], "2018"), (["2025-01"], more_than_one)):
        refused = run.invoke(app, ["pull", *years])
        assert refused.exit_code != 0
        assert told in refused.stderr
    pulled = run.invoke(app, ["pull", "2023", "2024"])
    assert pulled.exit_code == 0, pulled.stderr
    assert [pin.state for pin in store.read()[COMTRADE]] == ["trial", "trial"]
    assert pulled.stdout.count("trial") == 2
    # A year that nobody declared yet: one error, and what was pulled before stays.
    monkeypatch.setattr(run_failures, "FETCH_RETRY_SECONDS", 0)
    failed = run.invoke(app, ["pull", "2025"])
    assert failed.exit_code == 1
    assert "nobody declared what was asked for" in failed.stderr
    assert len(store.read()[COMTRADE]) == 2
    for text in (pulled.stdout, pulled.stderr, failed.stdout, failed.stderr):
        assert comtrade.KEY not in text


@pytest.mark.parametrize(("name", "value"), [("INPUT", "files"), ("INCLUDE_RESTRICTED", "0")])
def test_a_pull_that_no_refresh_would_read_is_refused(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"CHOKEPOINT_{name}", value)
    refused = CliRunner().invoke(app, ["pull", "2024"])
    assert refused.exit_code == 1
    assert "CHOKEPOINT_INPUT=live CHOKEPOINT_INCLUDE_RESTRICTED=1" in refused.stderr
    assert live.seen == []
