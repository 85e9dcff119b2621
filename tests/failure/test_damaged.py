"""What is damaged on disk is seen, told in one line, set aside, and recovered where nothing is lost."""

import datetime as dt
import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import dagster as dg
import duckdb
import pytest

from dagster_project.defs.automation.sensors import build_watch_sensor
from dagster_project.operations import dbt_runner
from dagster_project.operations.alerts import waiting_alerts
from dagster_project.operations.history import (
    DATABASES,
    HistoryDamagedError,
    set_damaged_history_aside,
)
from dagster_project.operations.lock import take
from dagster_project.operations.watch import problems
from dagster_project.publishing import audit
from dagster_project.publishing import release as publishing
from dagster_project.publishing.gate import PublishRefusedError
from dagster_project.publishing.release import KEPT_RELEASES
from dagster_project.publishing.release import publish as publish_release
from dagster_project.publishing.releases import DATABASE, damage, releases, shut_to_others
from dagster_project.settings import PROJECT_ROOT, Settings, prepare_environment
from sources.reading import clock
from tests.conftest import run_command
from tests.failure._helpers import (
    copied,
    gate,
    leftover_names,
    mutate,
    publish,
    settings_of,
    whole,
    with_other_build_id,
)
from tests.failure.tiny_release import tiny_release

Spoil = Callable[[Path], object]


def _file(name: str, change: Callable[[bytes], bytes]) -> Spoil:
    def spoil(folder: Path) -> None:
        content = (folder / name).read_bytes()
        # Another file under the name: a copy shares its files with the original.
        (folder / name).unlink()
        (folder / name).write_bytes(change(content))

    return spoil


def flipped(content: bytes) -> bytes:
    return content[:-1] + bytes([content[-1] ^ 1])


DAMAGE: dict[str, tuple[Spoil, str]] = {
    "a flipped bit": (_file(DATABASE, flipped), f"{DATABASE}: other bytes"),
    "a file cut short": (_file(DATABASE, lambda content: content[:-1]), f"{DATABASE}: other bytes"),
    "a file gone": (lambda folder: (folder / DATABASE).unlink(), f"{DATABASE}: missing"),
    "an empty release.json": (_file("release.json", lambda _: b""), "release.json: other bytes"),
    "a file too many": (
        lambda folder: (folder / "more.csv").write_bytes(b"x"),
        "more.csv: not in SHA256SUMS",
    ),
    "empty sums": (_file("SHA256SUMS", lambda _: b""), f"{DATABASE}: not in SHA256SUMS"),
    "sums of other bytes": (_file("SHA256SUMS", lambda _: b"\xff\xfe"), "SHA256SUMS: UnicodeDecodeError"),
    "no sums": (lambda folder: (folder / "SHA256SUMS").unlink(), "SHA256SUMS: FileNotFoundError"),
}  # fmt: skip


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return tiny_release(tmp_path)


@pytest.mark.parametrize(("spoil", "told"), DAMAGE.values(), ids=DAMAGE)
def test_damage_is_told_by_status_and_by_the_daemon(
    settings: Settings, spoil: Spoil, told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = settings.published / "2026.11.1"
    assert damage(folder) == []
    spoil(folder)
    assert told in damage(folder)
    [said] = problems(settings, is_automated=False)
    assert f"release 2026.11.1 is damaged on disk ({damage(folder)[0]})" in said
    monkeypatch.setenv("CHOKEPOINT_DATA", str(settings.data))
    sensor = build_watch_sensor(dg.DefaultSensorStatus.STOPPED)
    with dg.DagsterInstance.ephemeral() as instance:
        tick = sensor.evaluate_tick(dg.build_sensor_context(instance))
    # Refreshed by itself, and told.
    assert len(tick.run_requests or []) == 1
    # One of lists that are old may stand beside it, by the day of the test.
    texts = [path.read_text() for path in waiting_alerts(settings)]
    assert len([text for text in texts if told in text]) == 1


def test_what_lies_in_the_lake_is_damaged(settings: Settings) -> None:
    sidecar = settings.lake_folder / "usgs_mcs" / "production.json"
    sidecar.parent.mkdir(parents=True)
    sidecar.write_bytes(b"")
    shown = run_command("status", data=settings.data)
    assert shown.returncode == 0
    assert "damaged: usgs_mcs/production.json" in shown.stdout
    DAMAGE["an empty release.json"][0](settings.published / "2026.11.1")
    shown = run_command("status", "--exit-code", "--no-daemon", data=settings.data)
    assert shown.returncode == 1
    assert "damaged: `chokepoint refresh`" in shown.stdout
    assert len(shown.stderr.splitlines()) == 1


@pytest.mark.slow
@pytest.mark.parametrize("name", ["a flipped bit", "an empty release.json", "empty sums"])
def test_a_damaged_release_is_published_anew(small: Path, tmp_path: Path, name: str) -> None:
    spoil, _ = DAMAGE[name]
    settings = copied(small, tmp_path / "data")
    old = whole(settings)
    spoil((settings.published / "current").resolve())
    with_other_build_id(settings, "again")
    result = publish(settings)
    assert result.is_new
    assert f"release {old['release']} is damaged on disk" in result.mended
    new = whole(settings)
    assert new["content_digest"] == old["content_digest"]
    assert new["release"] != old["release"]
    mutate(settings, "the next")
    assert publish(settings).mended == ""


@pytest.mark.slow
def test_a_folder_in_place_of_the_link_is_set_aside(small: Path, tmp_path: Path) -> None:
    settings = copied(small, tmp_path / "data")
    old, link = whole(settings), settings.published / "current"
    folder = link.resolve()
    for number in (1, 2):
        link.unlink()
        shutil.copytree(folder, link)
        (link / "mine.txt").write_text("kept")
        with_other_build_id(settings, f"again {number}")
        result = publish(settings)
        assert f"kept as published/set-aside-{number}" in result.mended
        assert (settings.published / f"set-aside-{number}" / "mine.txt").exists()
        assert whole(settings) == old
    assert leftover_names(settings) == []


@pytest.mark.slow
def test_an_audit_cut_short_shuts_the_gate_and_breaks_nothing(small: Path, tmp_path: Path) -> None:
    settings = copied(small, tmp_path / "data")
    old = whole(settings)
    mutate(settings, "unaudited")
    nodes, blocking = gate(settings)
    [path] = settings.audit.glob("*.json")
    for left in (b"", path.read_bytes()[:100], b"\xff\xfe", b"{}", b'[{"key": 1}]'):
        path.write_bytes(left)
        assert audit.read(settings.audit, path.stem) == []
        with pytest.raises(PublishRefusedError, match="not run in this build"):
            publish_release(settings, nodes, blocking)
    assert whole(settings) == old


@pytest.mark.slow
@pytest.mark.parametrize("left", [b"", b'{"source_id": "us', b"{}", b"\xff\xfe"])
def test_a_damaged_sidecar_is_one_line(small: Path, tmp_path: Path, left: bytes) -> None:
    settings = copied(small, tmp_path / "data")
    mutate(settings, "with a damaged sidecar")
    nodes, blocking = gate(settings)
    (settings.lake_folder / "usgs_mcs" / "production.json").write_bytes(left)
    with pytest.raises(PublishRefusedError, match=r"lake/usgs_mcs/production\.json: "):
        publish_release(settings, nodes, blocking)


def _published(settings: Settings) -> str:
    """As publishing takes a name, makes the folder, and removes what is old."""
    name, sequence = publishing._next_release(settings)
    folder = settings.published / name
    folder.mkdir()
    (folder / "release.json").write_text(json.dumps({"release": name, "sequence": sequence}))
    publishing._make_current(settings.published, folder)
    publishing._prune(settings.published)
    return name


def test_numbers_are_never_used_again(settings: Settings) -> None:
    names = []
    for _ in range(3):
        names.append(_published(settings))
        # Whatever a person deletes, and whatever becomes of our note where folders stand.
        shutil.rmtree(settings.published / names[-1])
    names.append(_published(settings))
    for left in (b"\xff", b"[]", b'{"2026.11": "x"}', b""):
        settings.numbers.write_bytes(left)
        names.append(_published(settings))
    settings.numbers.unlink()
    names.append(_published(settings))
    assert len({*names, "2026.11.1"}) == len(names) + 1


def test_a_clock_that_ran_ahead_prunes_no_new_release(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as moved:
        moved.setattr(clock, "now", lambda: dt.datetime(2031, 1, 1, tzinfo=dt.UTC))
        ahead = [_published(settings) for _ in range(KEPT_RELEASES)]
    assert ahead[0] == "2031.1.1"
    back = [_published(settings) for _ in range(3)]
    assert [folder.name for folder in releases(settings.published)] == [*ahead[3:], *back]


@pytest.mark.slow
def test_a_path_with_an_apostrophe_publishes(small: Path, tmp_path: Path) -> None:
    settings = copied(small, tmp_path / "it's data")
    new = mutate(settings, "quoted")
    os.environ["CHOKEPOINT_DATA"] = str(settings.data)
    try:
        assert publish(settings).content_digest == new
    finally:
        del os.environ["CHOKEPOINT_DATA"]
    whole(settings)


@pytest.mark.slow
@pytest.mark.parametrize("name", [dbt_runner.MANIFEST, dbt_runner.PARSED])
def test_a_damaged_manifest_is_parsed_again(
    parsed: Path, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(parsed / "dbt", tmp_path / "dbt")
    settings = settings_of(tmp_path)
    folder = dbt_runner.prepare_manifest(settings)
    content = (folder / name).read_bytes()

    def parse(arguments: list[str], beside: Path, _: Path) -> None:
        assert arguments == ["parse"]
        for file in (dbt_runner.MANIFEST, dbt_runner.PARSED):
            (beside / file).write_bytes(content if file == name else b"{}")

    monkeypatch.setattr(dbt_runner, "invoke", parse)
    for left in (b"", content[:1000], flipped(content)):
        (folder / name).write_bytes(left)
        assert dbt_runner.prepare_manifest(settings) == folder
        assert (folder / name).read_bytes() == content
    assert json.loads((folder / dbt_runner.MANIFEST).read_bytes()) is not None


@pytest.mark.parametrize("left", [b"", b"SQLite format 3\0 and no more", b"x" * 10_000])
def test_a_damaged_history_is_set_aside(tmp_path: Path, left: bytes) -> None:
    settings = settings_of(tmp_path)
    prepare_environment(settings)
    for name in DATABASES:
        (settings.dagster_home / name).parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(settings.dagster_home / name)) as connection:
            connection.execute("create table runs (id integer)")
            connection.commit()
    assert set_damaged_history_aside(settings) == ""
    (settings.dagster_home / DATABASES[1]).write_bytes(left)
    if not left:
        # An empty file is an empty database: Dagster fills it.
        assert set_damaged_history_aside(settings) == ""
        return
    held = take(settings.daemon_lock, "a daemon")
    assert held is not None
    with pytest.raises(HistoryDamagedError, match=r"index\.db.*a daemon works with it"):
        set_damaged_history_aside(settings)
    os.close(held)
    assert "it is kept as dagster-set-aside-1/" in set_damaged_history_aside(settings)
    assert (tmp_path / "dagster-set-aside-1" / DATABASES[0]).exists()
    assert (settings.dagster_home / "dagster.yaml").exists()
    assert set_damaged_history_aside(settings) == ""


@pytest.mark.slow
def test_a_project_that_does_not_parse_is_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project = tmp_path / "dbt"
    project.mkdir()
    for name in ("dbt_project.yml", "profiles.yml"):
        shutil.copy(PROJECT_ROOT / "dbt" / name, project / name)
    (project / "models").mkdir()
    (project / "models" / "broken.sql").write_text("select {{ ref('nothing' }}\n" * 300)
    monkeypatch.setattr(dbt_runner, "DBT_PROJECT", project)
    with pytest.raises(dbt_runner.DbtError) as told:
        dbt_runner.prepare_manifest(settings_of(tmp_path / "data"))
    assert len(str(told.value).splitlines()) == 1
    assert "dbt parse failed: " in str(told.value)
    assert "broken" in str(told.value)
    assert "next: correct that; all that dbt said is in" in str(told.value)


def test_a_signal_within_dbt_is_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from dagster import DagsterExecutionInterruptedError
    from dbt.cli.main import dbtRunner, dbtRunnerResult

    ended = dbtRunnerResult(success=False, exception=DagsterExecutionInterruptedError())
    monkeypatch.setattr(dbtRunner, "invoke", lambda *_, **__: ended)
    with pytest.raises(dbt_runner.DbtError) as told:
        dbt_runner.invoke(["build"], tmp_path / "target", tmp_path / "logs")
    assert str(told.value) == "dbt build stopped by SIGTERM; next: `chokepoint refresh`"


def test_a_warehouse_that_somebody_has_open_is_told_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "chokepoint.duckdb"
    duckdb.connect(str(path)).close()
    reads = f"import duckdb; c = duckdb.connect({str(path)!r}, read_only=True); print(1); input()"
    command = [sys.executable, "-u", "-c", reads]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as reader:
        assert reader.stdout is not None
        reader.stdout.readline()
        with pytest.raises(duckdb.IOException) as refused:
            duckdb.connect(str(path))
        reader.kill()
    told = dbt_runner._in_words("build", str(refused.value), tmp_path)
    assert f"(PID {reader.pid})" in told
    assert "next: close what has that file open; all that dbt said" in told


def test_a_release_that_analysts_cannot_open_is_told(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        settings = tiny_release(tmp_path / "data")
    finally:
        os.umask(before)
    for path in (settings.data, settings.published, settings.published / "2026.11.1"):
        assert shut_to_others(settings.published)
        path.chmod(0o755)
    # So wide that the table breaks no line, however long the path is.
    shown = run_command("status", data=settings.data, COLUMNS="1000").stdout
    assert f"{settings.published / 'current' / DATABASE} is yours alone" in shown
    (settings.published / "current" / DATABASE).chmod(0o644)
    assert shut_to_others(settings.published) is None
