"""A setting that is none is one line with an exit code, before anything is touched."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import commands
from dagster_project.cli.commands import app
from dagster_project.settings import SettingsError, load_settings


@pytest.mark.parametrize("threads", ["x", "0", "-1", "2.5", "99999", "²"])
def test_threads_are_a_whole_number(monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    monkeypatch.setenv("CHOKEPOINT_THREADS", threads)
    with pytest.raises(SettingsError, match=r"^CHOKEPOINT_THREADS=.* from 1 to 1024, like 2$"):
        load_settings()


@pytest.mark.parametrize(
    "memory", ["lots", "500", "80%", "-1", "0MB", "99MB", "1KB", "1e9 MB", "GB"]
)
def test_a_memory_limit_has_a_unit(monkeypatch: pytest.MonkeyPatch, memory: str) -> None:
    monkeypatch.setenv("CHOKEPOINT_MEMORY_LIMIT", memory)
    with pytest.raises(SettingsError, match=r"^CHOKEPOINT_MEMORY_LIMIT=.*, like 500MB or 1.5GB$"):
        load_settings()


@pytest.mark.parametrize("memory", ["", "100MB", "500mb", "1.5 GB", "2GiB", "1TB", "400000kb"])
def test_what_duckdb_takes_is_taken(monkeypatch: pytest.MonkeyPatch, memory: str) -> None:
    monkeypatch.setenv("CHOKEPOINT_THREADS", "64")
    monkeypatch.setenv("CHOKEPOINT_MEMORY_LIMIT", memory)
    load_settings()


@pytest.mark.parametrize(
    ("variables", "arguments", "told", "code"),
    [
        ({"CHOKEPOINT_THREADS": "many"}, ["refresh"], "CHOKEPOINT_THREADS='many' is no whole", 1),
        ({"CHOKEPOINT_DATA": "{tmp}/file"}, ["refresh"], "can't be a folder: Not a directory", 1),
        ({"CHOKEPOINT_DATA": "{tmp}/file/x"}, ["status"], "can't be a folder: Not a directory", 1),
        ({"CHOKEPOINT_DATA": "~no-such-user/x"}, ["status"], "can't be a path here: Could not", 1),
        ({}, ["serve", "--port", "70000"], "'--port'", 2),
        ({}, ["serve", "--port", "http"], "'--port'", 2),
        ({"CHOKEPOINT_PORT": "http"}, ["serve"], "'CHOKEPOINT_PORT'", 2),
    ],
)
def test_a_command_says_so_without_a_traceback(
    variables: dict[str, str], arguments: list[str], told: str, code: int, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    given = {name: value.format(tmp=tmp_path) for name, value in variables.items()}
    ended = CliRunner().invoke(app, arguments, env={"CHOKEPOINT_DATA": str(tmp_path), **given})
    assert ended.exit_code == code, ended.output
    assert told in ended.output
    assert "Traceback" not in ended.output
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_deleted_working_folder_matters_to_a_relative_path_alone(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    monkeypatch.setenv("CHOKEPOINT_DATA", str(tmp_path))
    assert commands._path_shown(load_settings().published) == str(tmp_path / "published")
    monkeypatch.setenv("CHOKEPOINT_DATA", "data")
    with pytest.raises(SettingsError, match="CHOKEPOINT_DATA='data' can't be a path here: No such"):
        load_settings()


@pytest.mark.parametrize(
    "address", ["nonsense", ":4000", "code:", "code:0", "code:70000", "code:http"]
)
def test_a_code_server_has_a_host_and_a_port(tmp_path: Path, address: str) -> None:
    given = {"CHOKEPOINT_DATA": str(tmp_path), "CHOKEPOINT_CODE_SERVER": address}
    ended = CliRunner().invoke(app, ["serve", "--no-ui"], env=given)
    assert (ended.exit_code, "is no address like 127.0.0.1:4000" in ended.output) == (1, True)
