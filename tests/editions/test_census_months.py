"""US Census by month: partitions, a pull that a refresh reads, and a later pull of the same month beside it."""

from collections.abc import Iterator

import polars as pl
import pytest
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.defs.automation.jobs import pull_jobs
from dagster_project.operations import alerts, run_failures
from sources.editions.pins import PinStore
from sources.fetching import pulled_edition
from tests.editions._instance import Daemon, daemon_of
from tests.mirror import census
from tests.mirror.server import Mirror

CENSUS = "us_census"
GRAPHITE = "2504105000"


@pytest.fixture
def daemon(live: Mirror, monkeypatch: pytest.MonkeyPatch) -> Iterator[Daemon]:
    monkeypatch.setenv("CENSUS_API_KEY", census.KEY)
    monkeypatch.setattr("sources.us_census.census_months.headings", lambda: ("2504",))
    both = [(month, who) for month in (4, 5) for who in ("5700", "-")]
    months = [census.row(f"2025-0{month}", GRAPHITE, who, 100, "50 KG") for month, who in both]
    census.publish(live, months)
    with daemon_of(CENSUS) as made:
        yield made


def test_months_are_partitions() -> None:
    partitions = pull_jobs()[CENSUS].partitions_def
    assert partitions is not None
    keys = partitions.get_partition_keys()
    assert keys[:2] == ["2021-01", "2021-02"]
    assert "2025-05" in keys


def test_a_month_pulled_again_stands_beside_the_first_pull(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is held before; then a month; then the Bureau revises it, and both pulls are read."""
    assert daemon.refresh().success
    assert pl.read_parquet(daemon.settings.lake_folder / CENSUS / "month_trade.parquet").is_empty()
    store = PinStore(daemon.settings.state)
    revised = [census.row("2025-05", GRAPHITE, who, 130, "60 KG") for who in ("5700", "-")]
    for day, rows in (("2026-07-03", None), ("2026-08-04", revised)):
        if rows:
            census.publish(live, rows)
        monkeypatch.setattr(
            pulled_edition, "today", lambda day=day: pl.Series([day]).str.to_date()[0]
        )
        assert daemon.run("pull_us_census", partition_key="2025-05").success
        [request] = daemon.tick(daemon.looks).run_requests
        assert daemon.run("take_in_edition", request).success
        [request] = daemon.tick(daemon.due).run_requests
        assert daemon.run("refresh", request).success
    pins = store.read()[CENSUS]
    assert [(pin.edition.edition, pin.state) for pin in pins] == [
        ("M202505_20260703", "current"),
        ("M202505_20260804", "current"),
    ]
    lake = pl.read_parquet(daemon.settings.lake_folder / CENSUS / "month_trade.parquet")
    assert lake.select("edition", "partner_iso3", "value", "quantity_tonnes_gross").rows() == [
        ("M202505_20260703", "CHN", 100.0, 0.05),
        ("M202505_20260804", "CHN", 130.0, 0.06),
    ]
    held = [path for path in daemon.settings.data.rglob("*") if path.is_file()]
    assert [path for path in held if census.KEY.encode() in path.read_bytes()] == []


def test_a_pull_that_an_outage_ends_is_told_once_a_day(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing begins it again: who launched it in the UI hears of it."""
    monkeypatch.setattr(run_failures, "FETCH_RETRY_SECONDS", 0)
    census.publish(live, [])
    for month in ("2025-05", "2025-06"):
        assert not daemon.run("pull_us_census", partition_key=month).success
    for _ in range(2):
        daemon.tell()
    [path] = alerts.waiting_alerts(daemon.settings)
    told = path.read_text()
    assert "the pull of us_census, 2025-05, was broken off" in told
    assert "launch partition 2025-05 of pull_us_census again" in told


def test_months_are_pulled_by_a_command(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong key is one error, and not shown; what no refresh would read is not pulled."""
    run = CliRunner()
    pulled = run.invoke(app, ["pull", "--source", CENSUS, "2025-05"])
    assert pulled.exit_code == 0, pulled.stderr
    assert pulled.stdout.count("trial") == 1
    monkeypatch.setenv("CENSUS_API_KEY", "a-wrong-key")
    refused = run.invoke(app, ["pull", "--source", CENSUS, "2025-04"])
    assert refused.exit_code == 1
    assert "a key is missing or refused" in refused.stderr
    assert "a-wrong-key" not in refused.stderr + refused.stdout
    monkeypatch.setenv("CHOKEPOINT_INPUT", "files")
    unread = run.invoke(app, ["pull", "--source", CENSUS, "2025-04"])
    assert unread.exit_code == 1
    assert "CHOKEPOINT_INPUT=live" in unread.stderr
    assert "RESTRICTED" not in unread.stderr
