"""Nothing for nothing: a refresh that would build what is published says so; whatever changed, it builds."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dagster_project.cli import commands
from dagster_project.operations import refresh as refresh_module
from dagster_project.publishing import fingerprint
from dagster_project.publishing.fingerprint import inputs_digest, unchanged_release
from dagster_project.publishing.release import publish as publish_release
from dagster_project.publishing.releases import DATABASE, current_release
from dagster_project.settings import Settings
from sources.reading import code_digest
from sources.reading.input import Input
from tests.conftest import run_command
from tests.failure._helpers import copied, gate, settings_of, snapshot, whole, with_other_build_id

CODE = {
    "sources/usgs_mcs/reader.py": "tonnes = 1",
    "sources/usgs_mcs/source.yml": "editions: []",
    "sources/usgs_mcs/snapshot/MCS2026/world_figure.csv": "year\n2024\n",
    "dbt/seeds/threshold.csv": "id,value\na,1\n",
    "dbt/models/marts/mart_x.sql": "select 1 as x",
    "dagster_project/publishing/gate.py": "shut = True",
}
Change = Callable[[Settings], Settings | None]


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project of a few files."""
    root = tmp_path / "project"
    for name, text in CODE.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")
    monkeypatch.setattr(fingerprint, "PROJECT_ROOT", root)
    return root


@pytest.fixture
def settings(project: Path, tmp_path: Path) -> Settings:
    """With a release that says to be built from the project as it stands."""
    settings = settings_of(tmp_path / "data")
    folder = settings.published / "2026.11.1"
    folder.mkdir(parents=True)
    about = {"release": "2026.11.1", "inputs_digest": inputs_digest(settings)}
    (folder / "release.json").write_text(json.dumps(about), encoding="utf-8")
    (folder / DATABASE).write_bytes(b"marts")
    sums = [f"{digest}  {name}\n" for name, digest in snapshot(folder).items()]
    (folder / "SHA256SUMS").write_text("".join(sums), encoding="utf-8")
    (settings.published / "current").symlink_to(folder.name)
    return settings


def _refreshed(monkeypatch: pytest.MonkeyPatch, settings: Settings, *options: str) -> str:
    """What the command does: `builds`, or what it says instead."""

    class Building(Exception):
        pass

    def build(*_: object, **__: object) -> None:
        raise Building

    monkeypatch.setattr(commands, "writer_settings", lambda: settings)
    monkeypatch.setattr(refresh_module, "run_refresh", build)
    result = CliRunner().invoke(commands.app, ["refresh", *options])
    if isinstance(result.exception, Building):
        return "builds"
    assert result.exit_code == 0, result.output
    return result.output


def test_unchanged_is_printed(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    said = _refreshed(monkeypatch, settings)
    assert "unchanged" in said
    assert "2026.11.1" in said
    assert "--force" in said
    assert _refreshed(monkeypatch, settings, "--force") == "builds"


@pytest.mark.parametrize("name", CODE)
def test_a_file_that_changed_builds(
    settings: Settings, project: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    before = (project / name).read_bytes()
    (project / name).write_bytes(before.replace(before[-1:], b"#"))
    assert _refreshed(monkeypatch, settings) == "builds"
    # As it was, down to the byte: nothing to do, whenever it was written.
    (project / name).write_bytes(before)
    assert "unchanged" in _refreshed(monkeypatch, settings)
    (project / name).rename((project / name).with_name("renamed"))
    assert _refreshed(monkeypatch, settings) == "builds"


def test_another_setting_builds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    for changed in (
        replace(settings, as_of="2026-01-12"),
        replace(settings, include_restricted=True),
    ):
        assert _refreshed(monkeypatch, changed) == "builds"
    monkeypatch.setattr(code_digest, "version", lambda _: "another engine")
    assert _refreshed(monkeypatch, settings) == "builds"


def test_another_input_builds(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Live is never unchanged: whether something is new, the publishers say.
    assert unchanged_release(replace(settings, input=Input.LIVE)) is None
    files = replace(settings, input=Input.FILES, files=tmp_path / "files")
    assert _refreshed(monkeypatch, files) == "builds"
    empty = inputs_digest(files)
    path = next(
        path for path in fingerprint._files(files) if path.is_relative_to(files.files or "")
    )
    path.parent.mkdir(parents=True)
    path.write_bytes(b"a publisher's bytes")
    first = inputs_digest(files)
    path.write_bytes(b"a publisher's byteS")
    assert len({empty, first, inputs_digest(files)}) == 3


@pytest.mark.parametrize("damage", ["flip", "lose", "unlist", "unpublish"])
def test_a_damaged_release_builds(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, damage: str
) -> None:
    current = settings.published / "current"
    if damage == "flip":
        (current / DATABASE).write_bytes(b"mart5")
    elif damage == "lose":
        (current / DATABASE).unlink()
    elif damage == "unlist":
        (current / "SHA256SUMS").unlink()
    else:
        current.unlink()
    assert _refreshed(monkeypatch, settings) == "builds"


@pytest.mark.slow
def test_a_refresh_of_what_is_published_touches_nothing(data: Path, tmp_path: Path) -> None:
    settings = copied(data, tmp_path / "data")
    before = snapshot(settings.data)
    again = run_command("refresh", data=settings.data)
    assert again.returncode == 0, again.stdout + again.stderr
    assert "unchanged" in again.stdout
    after = snapshot(settings.data)
    assert {name for name in before if before[name] != after.get(name)} == set()
    assert set(after) <= {*before, ".lock"}


@pytest.mark.slow
def test_content_that_was_published_before_is_known_by_its_new_inputs(
    small: Path, tmp_path: Path
) -> None:
    """Code changed and the marts did not: the release keeps its own inputs, the next refresh has nothing to do."""
    settings = copied(small, tmp_path / "data")
    with_other_build_id(settings, "again")
    about = whole(settings)
    nodes, blocking = gate(settings)
    result = publish_release(settings, nodes, blocking, inputs_digest(settings))
    assert not result.is_new
    assert whole(settings) == about
    assert unchanged_release(settings) == about


@pytest.mark.slow
def test_a_damaged_release_is_not_gone_back_to(small: Path, tmp_path: Path) -> None:
    settings = copied(small, tmp_path / "data")
    about = current_release(settings.published) or {}
    # The copy is linked to the original.
    path = (settings.published / "current").resolve() / "atlas.html"
    path = path if path.exists() else path.with_name("CREDITS.md")
    shutil.copy2(path, tmp_path / "spoiled")
    path.unlink()
    path.write_bytes((tmp_path / "spoiled").read_bytes()[:-1])
    with_other_build_id(settings, "again")
    nodes, blocking = gate(settings)
    result = publish_release(settings, nodes, blocking)
    assert result.is_new
    assert whole(settings)["content_digest"] == about["content_digest"]
