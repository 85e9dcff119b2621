"""A release goes to a folder or a bucket whole; killed at any instant, `latest` stays as it was."""

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.publishing.export import ExportError, export, without_secrets
from dagster_project.settings import Settings
from tests.clients import client
from tests.conftest import run_command
from tests.failure._helpers import copied, fault_points, mutate, publish

pytestmark = pytest.mark.slow
SECRET = "moto-secret-never-printed"
POINTS = fault_points(exporting=True)


@pytest.fixture(scope="module")
def two(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small data folder with two releases."""
    settings = copied(small, tmp_path_factory.mktemp("export") / "data")
    mutate(settings, "Changed")
    publish(settings)
    return settings


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    """Environment of a bucket `minerals` on an S3 server of this machine."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    address = f"http://127.0.0.1:{port}"
    server = subprocess.Popen(
        [client("moto", "moto_server"), "-H", "127.0.0.1", "-p", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        for _ in range(200):
            try:
                made = urllib.request.Request(f"{address}/minerals", method="PUT")
                urllib.request.urlopen(made, timeout=5).close()
                break
            except OSError:
                assert server.poll() is None, "the S3 server ended"
                time.sleep(0.1)
        yield {
            "AWS_ACCESS_KEY_ID": "moto-key-never-printed",
            "AWS_SECRET_ACCESS_KEY": SECRET,
            "AWS_REGION": "us-east-1",
            "AWS_ENDPOINT_URL": address,
        }
    finally:
        server.terminate()
        server.wait()


def _names(settings: Settings) -> list[str]:
    return sorted(path.name for path in settings.published.glob("[0-9]*"))


def test_a_folder_holds_versions_index_and_latest(two: Settings, tmp_path: Path) -> None:
    first, second = _names(two)
    assert export(two.published / first, str(tmp_path))["there"] == 0
    copied_files = export(two.published / second, str(tmp_path))["copied"]
    for name in (first, second):
        for path in (two.published / name).rglob("*"):
            if path.is_file():
                there = tmp_path / f"v{name}" / path.relative_to(two.published / name)
                assert there.read_bytes() == path.read_bytes()
    index = json.loads((tmp_path / "index.json").read_text())
    assert [entry["release"] for entry in index["releases"]] == [first, second]
    assert len(index["releases"][1]["files"]) == copied_files
    latest = json.loads((tmp_path / "latest" / "release.json").read_text())
    assert (latest["release"], latest["path"]) == (second, f"v{second}/")
    # Again: all is there, and an older one does not become the newest.
    assert export(two.published / first, str(tmp_path)) == {"copied": 0, "there": copied_files}
    assert json.loads((tmp_path / "latest" / "release.json").read_text()) == latest


def test_a_spoiled_file_is_copied_again(two: Settings, tmp_path: Path) -> None:
    first, _ = _names(two)
    export(two.published / first, str(tmp_path))
    notes = tmp_path / f"v{first}" / "CREDITS.md"
    notes.write_bytes(notes.read_bytes()[::-1])
    assert export(two.published / first, str(tmp_path))["copied"] == 1
    assert notes.read_bytes() == (two.published / first / "CREDITS.md").read_bytes()


@pytest.mark.parametrize("point", POINTS)
def test_killed_in_the_middle_latest_is_as_it_was(
    two: Settings, tmp_path: Path, point: str
) -> None:
    first, second = _names(two)
    export(two.published / first, str(tmp_path))
    before = (tmp_path / "latest" / "release.json").read_bytes()
    killed = run_command("export", str(tmp_path), data=two.data, CHOKEPOINT_TEST_KILL_AT=point)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "latest" / "release.json").read_bytes() == before
    assert (tmp_path / json.loads(before)["path"] / "SHA256SUMS").exists()
    # It goes on where it stopped.
    resumed = run_command("export", str(tmp_path), data=two.data)
    assert resumed.returncode == 0, resumed.stderr
    assert json.loads((tmp_path / "latest" / "release.json").read_bytes())["release"] == second
    assert (tmp_path / f"v{second}" / "SHA256SUMS").exists()


def test_a_bucket_holds_the_same_and_is_resumed(two: Settings, bucket: dict[str, str]) -> None:
    first, second = _names(two)
    address = "s3://minerals/public"
    done = run_command("export", address, "--release", first, data=two.data, timeout=480, **bucket)
    assert done.returncode == 0, done.stderr
    killed = run_command(
        "export",
        address,
        data=two.data,
        timeout=480,
        CHOKEPOINT_TEST_KILL_AT="export_before_index",
        **bucket,
    )
    assert killed.returncode == -signal.SIGKILL
    assert _latest(bucket)["release"] == first
    resumed = run_command("export", address, data=two.data, timeout=480, **bucket)
    assert resumed.returncode == 0, resumed.stderr
    assert "exported: 0 files copied" in resumed.stdout, "all files were there"
    assert _latest(bucket)["release"] == second
    shown = done.stdout + done.stderr + resumed.stdout + resumed.stderr
    assert "never-printed" not in shown


def _latest(bucket: dict[str, str]) -> dict[str, str]:
    import obstore
    from obstore.store import S3Store

    store = S3Store(
        "minerals",
        prefix="public",
        access_key_id=bucket["AWS_ACCESS_KEY_ID"],
        secret_access_key=bucket["AWS_SECRET_ACCESS_KEY"],
        region="us-east-1",
        endpoint=bucket["AWS_ENDPOINT_URL"],
        client_options={"allow_http": True},
    )
    latest = json.loads(bytes(obstore.get(store, "latest/release.json").bytes()))
    stored = obstore.get(store, f"{latest['path']}SHA256SUMS")
    assert len(stored.attributes["sha256"]) == 64
    return latest


def test_a_bucket_that_is_not_there_is_told_in_lines(two: Settings, bucket: dict[str, str]) -> None:
    failed = run_command("export", "s3://no-such-bucket/x", data=two.data, timeout=480, **bucket)
    assert failed.returncode == 1
    assert "not exported" in failed.stderr
    assert "Traceback" not in failed.stderr
    assert "never-printed" not in failed.stdout + failed.stderr


def _spoiled(two: Settings, tmp_path: Path, **changed: str) -> Path:
    release = tmp_path / "2026.1.1"
    shutil.copytree(two.published / _names(two)[0], release)
    about = release / "release.json"
    about.write_text(json.dumps({**json.loads(about.read_text()), **changed}))
    return release


def test_a_restricted_release_goes_only_with_the_switch(two: Settings, tmp_path: Path) -> None:
    release = _spoiled(two, tmp_path, restricted_sources="un_comtrade")
    destination = tmp_path / "out"
    with pytest.raises(ExportError, match="un_comtrade, which may not be passed on"):
        export(release, str(destination))
    assert not destination.exists()
    _sum_again(release)
    export(release, str(destination), with_restricted=True)
    index = json.loads((destination / "index.json").read_text())
    assert index["releases"][0]["restricted_sources"] == "un_comtrade"


def _sum_again(release: Path) -> None:
    import hashlib

    sums = [
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(release)}"
        for path in sorted(release.rglob("*"))
        if path.is_file() and path.name != "SHA256SUMS"
    ]
    (release / "SHA256SUMS").write_text("\n".join(sums) + "\n")


def test_a_damaged_release_stays(two: Settings, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="is not what its SHA256SUMS says"):
        export(_spoiled(two, tmp_path, input="other"), str(tmp_path / "out"))


def test_a_version_does_not_change(two: Settings, tmp_path: Path) -> None:
    first = _names(two)[0]
    export(two.published / first, str(tmp_path / "out"))
    other = _spoiled(two, tmp_path, release=first, content_digest="0" * 64)
    _sum_again(other)
    with pytest.raises(ExportError, match="is there, with another content"):
        export(other, str(tmp_path / "out"))


@pytest.mark.parametrize("address", ["s3://key:secret@bucket/x", "ftp://a/b", "s3://b/x?token=1"])
def test_an_address_with_a_key_is_refused_and_not_repeated(two: Settings, address: str) -> None:
    with pytest.raises(ExportError, match="neither a folder nor") as refused:
        export(two.published / _names(two)[0], address)
    assert address not in str(refused.value)


def test_a_message_bears_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "AWS_SECRET_ACCESS_KEY", SECRET)
    assert without_secrets(f"denied {SECRET}\n\nDebug source: x") == "denied ***"
