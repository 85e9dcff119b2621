"""A setting that is none is one line with an exit code, before anything is touched."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project import settings
from dagster_project.cli import commands
from dagster_project.cli.commands import app
from dagster_project.settings import SettingsError, load_settings


@pytest.mark.parametrize("threads", ["x", "0", "-1", "2.5", "99999", "²", "٣"])
def test_threads_are_a_whole_number(monkeypatch: pytest.MonkeyPatch, threads: str) -> None:
    monkeypatch.setenv("CHOKEPOINT_THREADS", threads)
    with pytest.raises(SettingsError, match=r"^CHOKEPOINT_THREADS=.* from 1 to 1024, like 2$"):
        load_settings()


@pytest.mark.parametrize(
    "memory",
    ["lots", "500", "80%", "-1", "0MB", "99MB", "1KB", "1e9 MB", "GB", "1001TB", "٩GB", "1GB\n"],
)
def test_a_memory_limit_has_a_unit(monkeypatch: pytest.MonkeyPatch, memory: str) -> None:
    monkeypatch.setenv("CHOKEPOINT_MEMORY_LIMIT", memory)
    with pytest.raises(
        SettingsError, match=r"(?s)^CHOKEPOINT_MEMORY_LIMIT=.*, like 500MB or 1.5GB$"
    ):
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
        ({"CHOKEPOINT_DATA": "{tmp}/" + "x" * 256}, ["status"], "be a folder: File name too", 1),
        (
            {"CHOKEPOINT_LAKE": "{tmp}/file"},
            ["status"],
            "CHOKEPOINT_LAKE: '{tmp}/file' can't be",
            1,
        ),
        ({"CHOKEPOINT_INPT": "live"}, ["status"], "no setting; near: CHOKEPOINT_INPUT;", 1),
        ({"CHOKEPOINT_QUORUM": ""}, ["export", "{tmp}"], "CHOKEPOINT_QUORUM is no setting", 1),
        ({"CHOKEPOINT_AS_OF": "20260112"}, ["status"], "'20260112' is no date like", 1),
        ({"CHOKEPOINT_AS_OF": "2026-W03-1"}, ["status"], "'2026-W03-1' is no date like", 1),
        ({"CHOKEPOINT_AS_OF": "2026-01-12 "}, ["status"], "'2026-01-12 ' is no date like", 1),
        ({"CHOKEPOINT_AS_OF": "2026-02-30"}, ["status"], "'2026-02-30' is no date like", 1),
        (
            {"CHOKEPOINT_INPUT": "files"},
            ["refresh"],
            "publishers' files, and CHOKEPOINT_FILES is",
            1,
        ),
        (
            {"CHOKEPOINT_INPUT": "files", "CHOKEPOINT_FILES": "{tmp}/file"},
            ["refresh"],
            "CHOKEPOINT_FILES='{tmp}/file' is none",
            1,
        ),
        ({"CHOKEPOINT_DATA": "{tmp}/file/x"}, ["status"], "can't be a folder: Not a directory", 1),
        ({"CHOKEPOINT_DATA": "~no-such-user/x"}, ["status"], "can't be a path here: Could not", 1),
        ({}, ["serve", "--port", "70000"], "'--port'", 2),
        ({}, ["serve", "--port", "http"], "'--port'", 2),
        ({"CHOKEPOINT_PORT": "http"}, ["serve"], "'CHOKEPOINT_PORT'", 2),
        ({"CHOKEPOINT_PORT": "http://10.96.0.12:80"}, ["serve"], "'CHOKEPOINT_PORT'", 2),
    ],
)
def test_a_command_says_so_without_a_traceback(
    variables: dict[str, str], arguments: list[str], told: str, code: int, tmp_path: Path
) -> None:
    (tmp_path / "file").touch()
    given = {name: value.format(tmp=tmp_path) for name, value in variables.items()}
    ended = CliRunner().invoke(app, arguments, env={"CHOKEPOINT_DATA": str(tmp_path), **given})
    assert ended.exit_code == code, ended.output
    assert told.format(tmp=tmp_path) in ended.output
    assert "Traceback" not in ended.output
    assert not (tmp_path / ".lock").exists()
    assert not any((tmp_path / "published").glob("*"))


# As kubelet writes them for a service with two named ports (pkg/kubelet/envvars), the second of them over IPv6.
OF_KUBERNETES = {
    "SERVICE_HOST": "10.96.0.12",
    "SERVICE_PORT": "3000",
    "SERVICE_PORT_HTTP": "3000",
    "SERVICE_PORT_CODE_SERVER": "4000",
    "PORT": "tcp://10.96.0.12:3000",
    "PORT_3000_TCP": "tcp://10.96.0.12:3000",
    "PORT_3000_TCP_PROTO": "tcp",
    "PORT_3000_TCP_PORT": "3000",
    "PORT_3000_TCP_ADDR": "10.96.0.12",
    "PORT_4000_UDP": "udp://[fd00::1]:4000",
    "PORT_4000_UDP_PROTO": "udp",
    "PORT_4000_UDP_PORT": "4000",
    "PORT_4000_UDP_ADDR": "fd00::1",
}


@pytest.mark.parametrize("service", ["CHOKEPOINT", "CHOKEPOINT_UI", "CHOKEPOINT_CODE_SERVER"])
def test_what_kubernetes_says_of_a_service_is_none_of_ours(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: str
) -> None:
    for name, value in OF_KUBERNETES.items():
        monkeypatch.setenv(f"{service}_{name}", value)
    monkeypatch.setenv("CHOKEPOINT_DATA", str(tmp_path))
    load_settings()
    asked = ["serve", "--no-ui", "--no-daemon"]
    assert "leave nothing to run" in CliRunner().invoke(app, asked).output


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("CHOKEPOINT_PROT", "tcp://10.96.0.12:3000"),
        ("CHOKEPOINT_UI_PORT", "3000"),
        ("CHOKEPOINT_UI_PORT", "postgresql://10.96.0.12:5432"),
        ("CHOKEPOINT_PORT_3000", "tcp://10.96.0.12:3000"),
        ("CHOKEPOINT_PORT_3000_TCP_HOST", "10.96.0.12"),
        ("CHOKEPOINT_SERVICE", "10.96.0.12"),
        ("CHOKEPOINT_SERVICE_PORT", "http"),
        ("CHOKEPOINT_UI_HOST", "10.96.0.12"),
    ],
)
def test_a_slip_beside_it_is_refused(
    monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError, match=f"^{name} is no setting"):
        load_settings()


@pytest.mark.parametrize("name", ["CHOKEPOINT_DATA", "CHOKEPOINT_LAKE", "CHOKEPOINT_FILES"])
@pytest.mark.parametrize("part", [*"%*?[]{}", "\n", "\r", "\t", "\x7f", "\udcff", "%20", "a b%c"])
def test_a_path_that_a_library_would_misread_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str, part: str
) -> None:
    monkeypatch.setenv(name, f"{tmp_path}/a{part}b")
    with pytest.raises(SettingsError, match=rf"^{name} names .* is misread by DuckDB, dbt or"):
        load_settings()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "part", ["sp ace", "ü", "it's", 'a"b', "a#b", "a;b", "a$HOME", "a\\b", "a:,&b"]
)
def test_any_other_path_is_taken(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, part: str
) -> None:
    monkeypatch.setenv("CHOKEPOINT_DATA", f"{tmp_path}/{part}")
    assert load_settings().data == tmp_path / part


@pytest.mark.parametrize("given", [" ", "data ", " data", "data\r", "\N{NO-BREAK SPACE}data"])
def test_a_path_has_no_blank_around_it(monkeypatch: pytest.MonkeyPatch, given: str) -> None:
    monkeypatch.setenv("CHOKEPOINT_DATA", given)
    with pytest.raises(SettingsError, match="begins or ends with a blank"):
        load_settings()


def test_a_repository_in_such_a_path_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(settings, "PROJECT_ROOT", Path("/home/o'brien/chokepoint"))
    with pytest.raises(SettingsError, match=r"^this repository lies in .*brien.* is misread"):
        load_settings()


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
