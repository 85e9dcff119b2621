"""Eurostat by month: partitions, a pull that a refresh reads, and a later pull of the same month beside it."""

import datetime as dt
from collections.abc import Iterator

import polars as pl
import pytest
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.defs.automation.jobs import pull_jobs
from sources.editions.pins import PinStore
from sources.fetching import pulled_edition
from tests.editions._instance import Daemon, daemon_of
from tests.mirror import comext
from tests.mirror.server import Mirror

COMEXT, MONTH, GALLIUM = "eurostat_comext_months", "2025-05", "81129289"
FIRST = 100


def publish(mirror: Mirror, euro: int, kilograms: int) -> None:
    # A partner is hidden in the first pull alone.
    rows = [comext.row("DE", "CN", GALLIUM, euro, kilograms)]
    if euro == FIRST:
        rows.append(comext.row("DE", "QZ", GALLIUM, 7, 1))
    comext.publish(mirror, {MONTH: comext.archive(MONTH, rows)})


@pytest.fixture
def daemon(live: Mirror) -> Iterator[Daemon]:
    publish(live, FIRST, 50)
    with daemon_of(COMEXT) as made:
        yield made


def test_months_of_the_eu_are_partitions() -> None:
    partitions = pull_jobs()[COMEXT].partitions_def
    assert partitions is not None
    assert partitions.get_partition_keys()[:2] == ["2021-01", "2021-02"]


def test_a_month_of_the_eu_that_is_pulled_again_stands_beside_the_first_pull(
    daemon: Daemon, live: Mirror, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is held before; then a month; then Germany revises it, and both pulls are read."""
    assert daemon.refresh().success
    lake = daemon.settings.lake_folder / COMEXT / "month_trade.parquet"
    assert pl.read_parquet(lake).is_empty()
    for day, revised in ((dt.date(2026, 7, 3), False), (dt.date(2026, 8, 4), True)):
        if revised:
            publish(live, 130, 60)
        monkeypatch.setattr(pulled_edition, "today", lambda day=day: day)
        assert daemon.run(f"pull_{COMEXT}", partition_key=MONTH).success
        [request] = daemon.tick(daemon.looks).run_requests
        assert daemon.run("take_in_edition", request).success
        [request] = daemon.tick(daemon.due).run_requests
        assert daemon.run("refresh", request).success
    pins = PinStore(daemon.settings.state).read()[COMEXT]
    assert [(pin.edition.edition, pin.state) for pin in pins] == [
        ("M202505_20260703", "current"),
        ("M202505_20260804", "current"),
    ]
    found = pl.read_parquet(lake).select("edition", "partner_iso3", "value", "currency", "quantity")
    assert found.rows() == [
        ("M202505_20260703", "CHN", 100.0, "EUR", 50.0),
        ("M202505_20260804", "CHN", 130.0, "EUR", 60.0),
    ]
    secret = pl.read_parquet(lake.with_name("secret_trade.parquet"))
    assert secret.select("edition", "reporter_iso3", "visible_digits", "hidden").rows() == [
        ("M202505_20260703", "DEU", "811292", "partner")
    ]


def test_months_of_the_eu_are_pulled_by_a_command(daemon: Daemon, live: Mirror) -> None:
    """What is wrong with an archive is one error of the command."""
    run = CliRunner()
    pulled = run.invoke(app, ["pull", "--source", COMEXT, MONTH])
    assert pulled.exit_code == 0, pulled.stderr
    assert pulled.stdout.count("trial") == 1
    renamed = comext.COLUMNS.replace("VALUE_EUR", "VALUE_IN_EUROS")
    comext.publish(live, {MONTH: comext.archive(MONTH, [], header=renamed)})
    refused = run.invoke(app, ["pull", "--source", COMEXT, MONTH])
    assert refused.exit_code == 1
    assert "the columns are not those of an archive" in refused.stderr
