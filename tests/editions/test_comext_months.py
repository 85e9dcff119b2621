"""Eurostat by month: partitions, a pull that a refresh reads, and a later pull of the same month beside it."""

import datetime as dt
import shutil
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from dagster_project.cli.commands import app
from dagster_project.defs.automation.jobs import pull_jobs
from dagster_project.publishing.warehouse import reading
from sources.editions.pins import PinStore
from sources.fetching import pulled_edition
from tests.conftest import run_command
from tests.editions._instance import Daemon, daemon_of
from tests.failure._helpers import copied
from tests.mirror import comext
from tests.mirror.server import Mirror

COMEXT, MONTH, GALLIUM = "eurostat_comext_months", "2025-05", "81129289"
FIRST = 100
# The models from the lake to the mart.
READERS_OF_MONTHS = [
    f"stg_{COMEXT}__month_trades",
    f"stg_{COMEXT}__secret_trades",
    "fct_trade_month",
    "mart_trade_month",
]


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


def pull_and_refresh(daemon: Daemon, month: str) -> None:
    """Pull a month, as its partition's run does, and refresh with it."""
    assert daemon.run(f"pull_{COMEXT}", partition_key=month).success
    [request] = daemon.tick(daemon.looks).run_requests
    assert daemon.run("take_in_edition", request).success
    [request] = daemon.tick(daemon.due).run_requests
    assert daemon.run("refresh", request).success


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
        pull_and_refresh(daemon, MONTH)
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


@pytest.mark.slow
def test_what_customs_keep_secret_in_a_month_is_no_zero_in_the_mart(
    daemon: Daemon, live: Mirror, few: Path, tmp_path: Path
) -> None:
    """April is told whole. In May all buy from China, by four ways of telling, and one beside from Japan.

    France hides a partner: any of its origins may be it. Belgium hides the last digits of what is China's, Spain the
    value. Germany hides nothing: that Japan sold it none is a zero.
    """
    row = comext.row
    before = [
        row(buyer, "CN", GALLIUM, 100, 10, month="2025-04") for buyer in ("DE", "FR", "BE", "ES")
    ]
    before += [row(buyer, "JP", GALLIUM, 50, 5, month="2025-04") for buyer in ("DE", "FR")]
    now = [
        row("DE", "CN", GALLIUM, 110, 11),
        *[row("FR", "CN", GALLIUM, 210, 21), row("FR", "QZ", GALLIUM, 70, 7)],
        *[row("BE", "CN", "8112XXXX", 60, 6), row("BE", "JP", GALLIUM, 5, 1)],
        *[row("ES", "CN", GALLIUM, 0, 12), row("ES", "JP", GALLIUM, 7, 1)],
    ]
    months = {"2025-04": before, MONTH: now}
    comext.publish(live, {month: comext.archive(month, rows) for month, rows in months.items()})
    for month in months:
        pull_and_refresh(daemon, month)
    settings = copied(few, tmp_path / "whole")
    lake = settings.lake_folder / COMEXT
    shutil.rmtree(lake)
    shutil.copytree(daemon.settings.lake_folder / COMEXT, lake)
    built = run_command("build", *READERS_OF_MONTHS, data=settings.data)
    assert built.returncode == 0, built.stdout + built.stderr
    with reading(settings) as connection:
        rows = connection.execute(
            "select importer_id, origin_id, value, value_share, null_reason, share_null_reason "
            "from marts.mart_trade_month where hs6 = '811292' and reference_year = 2025 "
            "and reference_month = 5 and importer_id in ('DEU', 'FRA', 'BEL', 'ESP')"
        ).fetchall()
    secret = "trade_kept_secret"
    assert sorted(rows) == [
        ("BEL", "CHN", None, None, secret, secret),
        ("BEL", "JPN", 5, None, None, secret),
        ("DEU", "CHN", 110, 1, None, None),
        ("DEU", "JPN", 0, 0, None, None),
        ("ESP", "CHN", None, None, secret, secret),
        ("ESP", "JPN", 7, None, None, secret),
        ("FRA", "CHN", 210, None, None, secret),
        ("FRA", "JPN", None, None, secret, secret),
    ]
