"""`chokepoint build`: one mart is built and tested from what stands, and what stands is not published with it."""

import fcntl
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO

import dagster as dg
import pytest

from dagster_project.operations import dbt_runner, refresh
from dagster_project.publishing.warehouse import node_builds, reading
from tests.conftest import run_command
from tests.defs._workspace import Workspace, working_in
from tests.failure._helpers import settings_of, snapshot

pytestmark = pytest.mark.slow

MART = "mart_reserve_share"
NODE = f"model.chokepoint.{MART}"


@pytest.fixture
def workspace(loaded: Workspace) -> Iterator[Workspace]:
    loaded.restore()
    with working_in(loaded.settings):
        yield loaded


def _build(workspace: Workspace, *names: str) -> subprocess.CompletedProcess[str]:
    return run_command("build", *names, data=workspace.settings.data)


def _builds(workspace: Workspace) -> dict[str, str]:
    with reading(workspace.settings) as connection:
        return {node: build for node, (build, _) in node_builds(connection).items()}


def test_one_mart_is_built_and_tested_and_publishing_refuses_it(workspace: Workspace) -> None:
    before, published = _builds(workspace), snapshot(workspace.settings.published)
    assert workspace.refusal() == ""
    built = _build(workspace, MART)
    assert built.returncode == 0, built.stdout + built.stderr
    after = _builds(workspace)
    assert {node for node in after if after[node] != before[node]} == {NODE}
    # The UI shows it: a run of the instance with this mart and its checks, no other asset.
    with dg.DagsterInstance.get() as instance:
        run = instance.get_run_by_id(after[NODE])
        assert run is not None
        assert run.status is dg.DagsterRunStatus.SUCCESS
        logs = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_MATERIALIZATION)
        shown = [entry.get_dagster_event().asset_key for entry in logs]
        tested = instance.all_logs(run.run_id, of_type=dg.DagsterEventType.ASSET_CHECK_EVALUATION)
    assert shown == [dg.AssetKey(["marts", MART])]
    assert len(tested) == sum(spec.asset_key == shown[0] for spec in workspace.checks) > 0
    assert f"{len(tested)} passed" in built.stdout
    declared = dbt_runner.DBT_PROJECT / "models" / "marts" / "production" / "_unit_tests.yml"
    units = declared.read_text(encoding="utf-8").count(f"model: {MART}\n")
    assert f"{units} of {units} passed" in built.stdout, "unit tests of the mart, and of no other"
    assert units > 0

    refusal = workspace.refusal()
    assert "lake and warehouse hold parts of different builds" in refusal
    assert f"  - {NODE}: build {after[NODE]}\n" in refusal
    assert refusal.count("  - ") == 1, "what was built apart is named, and nothing else"
    assert "next: run a whole refresh" in refusal
    assert snapshot(workspace.settings.published) == published


def test_a_plus_builds_what_a_mart_is_built_from(workspace: Workspace) -> None:
    before = _builds(workspace)
    built = _build(workspace, f"+{MART}")
    assert built.returncode == 0, built.stdout + built.stderr
    after = _builds(workspace)
    graph = workspace.definitions.resolve_asset_graph()
    above = dg.AssetSelection.assets(dg.AssetKey(["marts", MART])).upstream().resolve(graph)
    names = {key.path[-1] for key in above if key.path[0] not in {"lake", "raw"}}
    assert {node.split(".")[-1] for node in after if after[node] != before[node]} == names
    assert len(names) > 1


def test_an_unknown_name_is_an_error_that_names_the_nearest(workspace: Workspace) -> None:
    before = _builds(workspace)
    refused = _build(workspace, "mart_reserve_shar")
    assert refused.returncode == 1
    assert (
        "mart_reserve_shar is no model or seed of dbt/; near: mart_reserve_share" in refused.stderr
    )
    assert _builds(workspace) == before


def test_a_model_whose_source_was_never_read_asks_for_a_refresh(
    workspace: Workspace, tmp_path: Path
) -> None:
    view = dg.AssetKey(["staging", "stg_usgs_outlook__capacities"])
    lacking = refresh._not_in_the_lake
    assert lacking(workspace.settings, workspace.definitions, [view]) == []
    empty = settings_of(tmp_path)
    assert lacking(empty, workspace.definitions, [view]) == ["usgs_outlook/capacity"]


def test_without_a_warehouse_the_error_asks_for_a_refresh(parsed: Path, tmp_path: Path) -> None:
    shutil.copytree(parsed / "dbt", tmp_path / "dbt")
    refused = run_command("build", MART, data=tmp_path)
    assert refused.returncode == 1
    assert "run `chokepoint refresh` once" in refused.stderr


def test_files_that_changed_are_read_again_and_the_graph_is_that_of_a_whole_parse(
    parsed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edited mart, a model that is new and one that is gone: seen by a parse that rests on the last one."""
    project = tmp_path / "dbt"
    shutil.copytree(dbt_runner.DBT_PROJECT, project)
    monkeypatch.setattr(dbt_runner, "DBT_PROJECT", project)
    settings = settings_of(tmp_path / "data")
    shutil.copytree(parsed / "dbt", settings.dbt_target)
    dbt_runner.prepare_manifest(settings)
    path = next(project.rglob(f"{MART}.sql"))
    path.write_text(path.read_text(encoding="utf-8") + "\n-- edited\n", encoding="utf-8")
    path.with_name("mart_new.sql").write_text("select * from {{ ref('dim_stage') }}", "utf-8")
    macro = next((project / "macros").glob("gap_reason.sql"))
    macro.write_text(macro.read_text(encoding="utf-8") + "\n{# edited #}\n", encoding="utf-8")
    partial = dbt_runner.load_manifest(dbt_runner.prepare_manifest(settings))
    path.with_name("mart_new.sql").unlink()
    fewer = dbt_runner.load_manifest(dbt_runner.prepare_manifest(settings))
    shutil.rmtree(settings.dbt_target / "manifests")
    whole = dbt_runner.load_manifest(dbt_runner.prepare_manifest(settings))
    assert set(partial["nodes"]) - set(whole["nodes"]) == {"model.chokepoint.mart_new"}
    assert partial["nodes"][NODE]["raw_code"].endswith("-- edited")
    for kind in ("nodes", "sources", "parent_map"):
        assert _timeless(fewer[kind]) == _timeless(whole[kind])


def test_a_copied_data_folder_is_not_parsed_again(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path / "moved")
    parsed = dbt_runner.prepare_manifest(workspace.settings)
    shutil.copytree(workspace.settings.dbt_target, settings.dbt_target)
    monkeypatch.setattr(dbt_runner, "invoke", lambda *_, **__: pytest.fail("parsed again"))
    folder = dbt_runner.prepare_manifest(settings)
    assert folder.name == parsed.name
    graph = dbt_runner.load_graph(settings, folder)
    places = {source.config["external_location"] for source in graph.sources.values()}
    assert all(f"'{settings.lake_folder}/" in place for place in places)
    assert places
    # The repo was moved with it: dbt opens seeds where they lie now.
    monkeypatch.setattr(dbt_runner, "DBT_PROJECT", tmp_path / "repo/dbt")
    nodes = dbt_runner.load_graph(settings, folder).nodes.values()
    roots = {node.root_path for node in nodes if node.resource_type == "seed"}
    assert roots == {str(tmp_path / "repo/dbt")}


def _timeless(nodes: dict[str, object]) -> dict[str, object]:
    return {
        key: {name: value for name, value in node.items() if name != "created_at"}
        if isinstance(node, dict)
        else node
        for key, node in nodes.items()
    }


def test_who_waits_for_the_lock_takes_what_the_other_parsed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, waiting, lock_file = settings_of(tmp_path), threading.Event(), fcntl.flock

    def flock(lock: IO[str], how: int) -> None:
        waiting.set()
        lock_file(lock, how)

    monkeypatch.setattr(fcntl, "flock", flock)
    monkeypatch.setattr(dbt_runner, "invoke", lambda *_, **__: pytest.fail("parsed once more"))
    folder = dbt_runner._manifest_folder(settings)
    folder.parent.mkdir(parents=True)
    with (folder.parent / ".lock").open("w") as held, ThreadPoolExecutor(1) as pool:
        lock_file(held, fcntl.LOCK_EX)
        asked = pool.submit(dbt_runner.prepare_manifest, settings)
        assert waiting.wait(60)
        folder.mkdir()
        _parsed_into(folder)
        (folder / dbt_runner.SUMS).write_text(dbt_runner._digests(folder), encoding="utf-8")
        lock_file(held, fcntl.LOCK_UN)
        assert asked.result(60) == folder


def _parsed_into(folder: Path) -> None:
    """What dbt writes when it parses, in a few bytes."""
    (folder / dbt_runner.MANIFEST).write_text("{}", encoding="utf-8")
    (folder / dbt_runner.PARSED).write_bytes(b"parsed")


def test_what_a_killed_parse_left_is_no_hindrance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path)
    folder = dbt_runner._manifest_folder(settings)
    left = folder.with_name(f".{folder.name}")
    left.mkdir(parents=True)
    (left / "manifest.json").write_text("{", encoding="utf-8")
    (left / "half.sql").touch()
    found: list[list[Path]] = []

    def parse(_: object, target: Path, __: object) -> None:
        found.append([*target.iterdir()])
        _parsed_into(target)

    monkeypatch.setattr(dbt_runner, "invoke", parse)
    assert dbt_runner.prepare_manifest(settings) == folder
    assert found == [[]], "dbt parses in an empty folder"
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [dbt_runner.MANIFEST, dbt_runner.PARSED, dbt_runner.SUMS]
    )
    assert dbt_runner.load_manifest(folder) == {}
    assert not left.exists()


def test_a_manifest_is_begun_beside_only_where_files_changed(
    workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started: list[list[str]] = []
    monkeypatch.setattr(subprocess, "Popen", lambda command, **_: started.append(command))
    dbt_runner.begin_manifest(workspace.settings)
    assert started == []
    dbt_runner.begin_manifest(settings_of(tmp_path))
    assert started == [[sys.executable, "-m", "dagster_project.operations.dbt_runner"]]
