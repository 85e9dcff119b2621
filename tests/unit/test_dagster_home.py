"""Dagster's settings: ours follow the repo and the environment, an operator's own file is never written."""

from pathlib import Path

import pytest
import yaml

from dagster_project.dagster_home import OLD, OURS
from dagster_project.operations.alerts import redacted
from dagster_project.settings import SettingsError, load_settings, postgres_url, prepare_environment

URL = "postgresql://chokepoint:p%40ss-word@db.example.org:5433/dagster"
OWN = "run_monitoring:\n  enabled: true\n"


@pytest.fixture
def config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Where the file lies, of an empty data folder."""
    for name in ("CHOKEPOINT_DATA", "DAGSTER_HOME", "DO_NOT_TRACK", "DAGSTER_EVENT_BATCH_SIZE"):
        # What is set below is taken back after the test.
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.delenv("CHOKEPOINT_POSTGRES_URL", raising=False)
    return tmp_path / "dagster" / "dagster.yaml"


def written(config: Path) -> str:
    prepare_environment(load_settings())
    return config.read_text(encoding="utf-8")


def test_ours_follows_the_environment(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sqlite = written(config)
    assert "event_log_storage" in yaml.safe_load(sqlite)
    monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", URL)
    postgres = written(config)
    settings = yaml.safe_load(postgres)
    assert settings["storage"] == {"postgres": {"postgres_url": {"env": "CHOKEPOINT_POSTGRES_URL"}}}
    assert "event_log_storage" not in settings
    assert settings["run_launcher"] == yaml.safe_load(sqlite)["run_launcher"]
    assert "p%40ss" not in postgres
    monkeypatch.delenv("CHOKEPOINT_POSTGRES_URL")
    assert written(config) == sqlite


@pytest.mark.parametrize("text", [f"{OLD}telemetry:\n  enabled: false\n", ""], ids=["old", "none"])
def test_that_of_an_older_version_is_replaced(config: Path, text: str) -> None:
    config.parent.mkdir()
    if text:
        config.write_text(text, encoding="utf-8")
    assert written(config).startswith(OURS)


def test_an_operators_own_is_never_written(config: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    changed = written(config).replace("poll_interval_seconds: 15", "poll_interval_seconds: 60")
    for own in (OWN, "", changed):
        config.write_text(own, encoding="utf-8")
        assert written(config) == own
        monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", URL)
        with pytest.raises(SettingsError, match="is your own and does not read it"):
            written(config)
        assert config.read_text(encoding="utf-8") == own
        reads = (
            f"{own}\nstorage: {{postgres: {{postgres_url: {{env: CHOKEPOINT_POSTGRES_URL}}}}}}\n"
        )
        config.write_text(reads, encoding="utf-8")
        assert written(config) == reads
        monkeypatch.delenv("CHOKEPOINT_POSTGRES_URL")


@pytest.mark.parametrize(
    "url",
    [
        *("mysql://u:geheim@h/d", "postgres://u:geheim@h/d", "postgresql://u:geheim@h", "geheim"),
        *("postgresql://u:ge#heim@h/d", "postgresql://u:geheim@h:99999/d"),
        *("postgresql://u:geheim@h:x/d", "postgresql://u:geheim@[h/d"),
    ],
)
def test_an_address_that_is_none_is_refused_and_not_shown(
    monkeypatch: pytest.MonkeyPatch, url: str
) -> None:
    monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", url)
    with pytest.raises(SettingsError, match="CHOKEPOINT_POSTGRES_URL is no address") as refused:
        load_settings()
    assert "heim" not in str(refused.value)


def test_the_driver_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """For plain `postgresql` SQLAlchemy 2.1 takes one that dagster-postgres does not bring."""
    monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", URL)
    assert postgres_url() == URL.replace("postgresql:", "postgresql+psycopg2:")
    monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", str(postgres_url()))
    assert postgres_url() == URL.replace("postgresql:", "postgresql+psycopg2:")
    monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", "postgresql:///dagster?host=/run/postgresql")
    assert postgres_url() == "postgresql+psycopg2:///dagster?host=/run/postgresql"


def test_an_alert_shows_neither_address_nor_password(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHOKEPOINT_POSTGRES_URL", URL)
    monkeypatch.setenv("PGPASSWORD", "another-secret")
    shown = redacted(f"can't reach {URL}; p@ss-word, p%40ss-word; another-secret")
    assert shown == "can't reach ***; ***, ***; ***"
