"""A release goes to a folder or a bucket whole; killed at any instant, `latest` stays as it was."""

import hashlib
import json
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import obstore
import pytest

from dagster_project.publishing import export as exporting
from dagster_project.publishing.export import INDEX, LATEST, ExportError, export, served
from dagster_project.settings import Settings
from sources.reading.bucket import opened, without_secrets
from tests.conftest import run_command
from tests.failure._helpers import Publisher, copied, fault_points, mutate, publish
from tests.s3_server import SECRET, reaching, serving_bucket

if TYPE_CHECKING:
    from obstore.store import ObjectStore

pytestmark = pytest.mark.slow
Changed = Callable[[dict[str, Any] | None], dict[str, Any] | None]
POINTS = fault_points(exporting=True)
EACH_FILE = ("export_before_file", "export_before_verifying")


@pytest.fixture(scope="module")
def two(small: Path, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A small data folder with two releases."""
    settings = copied(small, tmp_path_factory.mktemp("export") / "data")
    mutate(settings, "Changed")
    publish(settings)
    return settings


@pytest.fixture(scope="module")
def bucket() -> Iterator[dict[str, str]]:
    with serving_bucket() as bucket:
        yield bucket


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
    with reaching(bucket):
        store = opened("minerals", "public")
        latest = json.loads(bytes(obstore.get(store, LATEST).bytes()))
        stored = obstore.get(store, f"{latest['path']}SHA256SUMS")
    assert len(stored.attributes["sha256"]) == 64
    return latest


def _read_whole(store: "ObjectStore") -> str:
    """The release that a reader finds, once every file that its sums promise was read and is so."""
    latest = json.loads(bytes(obstore.get(store, LATEST).bytes()))
    lines = bytes(obstore.get(store, f"{latest['path']}SHA256SUMS").bytes()).decode().splitlines()
    for digest, _, name in (line.partition("  ") for line in lines):
        content = bytes(obstore.get(store, f"{latest['path']}{name}").bytes())
        assert hashlib.sha256(content).hexdigest() == digest, name
    return latest["release"]


def test_killed_at_any_step_a_reader_of_the_bucket_finds_a_whole_release(
    two: Settings, bucket: dict[str, str]
) -> None:
    """`CHOKEPOINT_TEST_KILLS` says how many steps, spread over all of them: 30 were held on the day this was written."""
    first, second = _names(two)
    address = "s3://minerals/killed"
    with reaching(bucket):
        store = opened("minerals", "killed")
        export(two.published / first, address)
        before = {name: bytes(obstore.get(store, name).bytes()) for name in (INDEX, LATEST)}
        files = range(1, len(json.loads(before[INDEX])["releases"][0]["files"]) + 1)
        steps = [f"{point}#{number}" for number in files for point in EACH_FILE]
        steps += sorted(set(POINTS) - set(EACH_FILE))
        kills = min(int(os.environ.get("CHOKEPOINT_TEST_KILLS", "6")), len(steps))
        publisher = Publisher(two, address, **bucket)
        held = 0
        for number in range(kills):
            publisher.start(steps[-1 - number * len(steps) // kills])
            held += publisher.end() == -signal.SIGKILL
            assert _read_whole(store) == first
            # As it was, for the next.
            for name, content in before.items():
                obstore.put(store, name, content)
            there = [entry["path"] for page in obstore.list(store, f"v{second}") for entry in page]
            obstore.delete(store, there)
        assert held == kills, "the steps are not those of an export"
        publisher.start()
        assert publisher.end() == 0, publisher.said()
        assert _read_whole(store) == second
        publisher.close()


def test_of_two_that_publish_at_once_neither_forgets_the_other(
    two: Settings, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = _names(two)
    address = "s3://minerals/both"

    change, done = exporting._change, list[int]()

    def between(store: "ObjectStore", path: str, changed: Changed) -> None:
        def slowly(found: dict[str, Any] | None) -> dict[str, Any] | None:
            made = changed(found)
            if not done:
                # Between what this one read of the index and what it writes.
                done.append(1)
                export(two.published / second, address)
            return made

        change(store, path, slowly)

    monkeypatch.setattr(exporting, "_change", between)
    with reaching(bucket):
        export(two.published / first, address)
        store = opened("minerals", "both")
        index = json.loads(bytes(obstore.get(store, INDEX).bytes()))
        assert [entry["release"] for entry in index["releases"]] == [first, second]
        assert _read_whole(store) == second


def test_what_comes_back_with_other_bytes_is_not_named(
    two: Settings, bucket: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A store, or somebody else, changed an object between its writing and the end."""
    put = exporting._put

    def spoiling(store: "ObjectStore", path: str, content: Path | bytes, digest: str = "") -> None:
        spoilt = b"spoilt" if path.endswith("CREDITS.md") else content
        put(store, path, spoilt, digest)

    monkeypatch.setattr(exporting, "_put", spoiling)
    with reaching(bucket):
        with pytest.raises(ExportError, match=r"CREDITS.md came back with other bytes"):
            export(two.published / _names(two)[0], "s3://minerals/spoilt")
        assert served("s3://minerals/spoilt") is None


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


def test_a_message_bears_no_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environ, "AWS_SECRET_ACCESS_KEY", SECRET)
    assert without_secrets(f"denied {SECRET}\n\nDebug source: x") == "denied ***"
