"""The definitions load, say whose each asset is and what it is, and miss no test of dbt's."""

import datetime as dt
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import dagster as dg
import pytest

from dagster_project.operations.dbt_runner import load_manifest, prepare_manifest
from dagster_project.settings import DBT_PROJECT, PROJECT_ROOT
from sources.registry import all_sources
from tests.defs._workspace import UNIQUE_ID, Workspace, check_key, working_in
from tests.failure._helpers import OFFLINE, environment

pytestmark = pytest.mark.slow

LAYERS = {"raw", "lake", "staging", "seeds", "intermediate", "marts", "published"}
LOAD = (
    OFFLINE
    + """
from dagster_project.definitions import defs
from dagster import Definitions
Definitions.validate_loadable(defs)
sys.stdout.write(f"{len(attempts)} connections, {sum(len(asset.keys) for asset in defs.assets)} assets")
"""
)


@pytest.fixture
def workspace(loaded: Workspace) -> Iterator[Workspace]:
    with working_in(loaded.settings):
        yield loaded


@pytest.fixture
def manifest(workspace: Workspace) -> Mapping[str, Any]:
    return load_manifest(prepare_manifest(workspace.settings))


def test_definitions_load_and_reach_for_no_network(workspace: Workspace) -> None:
    shown = subprocess.run(
        [sys.executable, "-c", LOAD],
        env=environment(workspace.settings.data, DAGSTER_HOME=str(workspace.settings.dagster_home)),
        cwd=PROJECT_ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    assert shown.stdout == f"0 connections, {len(workspace.assets)} assets"


def test_every_asset_says_whose_and_what_it_is(workspace: Workspace) -> None:
    assert len(workspace.assets) >= 100
    lacking = [
        f"{spec.key.to_user_string()}: {what}"
        for spec in workspace.assets
        for what, found in (
            ("owner", spec.owners),
            ("kind", spec.kinds),
            ("description", (spec.description or "").strip()),
            ("group", spec.group_name not in (None, "default")),
        )
        if not found
    ]
    assert lacking == []


def test_keys_start_with_a_layer_and_are_unique(workspace: Workspace) -> None:
    keys = [spec.key for spec in workspace.assets]
    assert len(keys) == len(set(keys))
    assert {key.path[0] for key in keys} == LAYERS


def test_the_job_refresh_has_every_asset_and_check(workspace: Workspace) -> None:
    layer = workspace.definitions.resolve_job_def("refresh").asset_layer
    assert layer.executable_asset_keys == {spec.key for spec in workspace.assets}
    assert {key for node in layer.asset_graph.asset_check_keys for key in [node]} == {
        spec.key for spec in workspace.checks
    }


def test_check_names_are_unique_and_say_what_they_expect(workspace: Workspace) -> None:
    per_asset = Counter(check_key(spec) for spec in workspace.checks)
    assert [key for key, count in per_asset.items() if count > 1] == []
    # Lake checks are one question asked of many tables; every other name is one check of the project.
    others = Counter(spec.name for spec in workspace.checks if spec.asset_key.path[0] != "lake")
    assert [name for name, count in others.items() if count > 1] == []


def test_dbt_tests_and_checks_correspond(workspace: Workspace, manifest: Mapping[str, Any]) -> None:
    tests = {
        unique_id: node
        for unique_id, node in manifest["nodes"].items()
        if node["resource_type"] == "test"
    }
    shown = [
        (spec.metadata or {})[UNIQUE_ID]
        for spec in workspace.checks
        if UNIQUE_ID in (spec.metadata or {})
    ]
    assert sorted(shown) == sorted(tests)
    names = Counter(node["name"] for node in tests.values())
    assert [name for name, count in names.items() if count > 1] == []
    of_dbt = {(spec.metadata or {}).get(UNIQUE_ID): spec for spec in workspace.checks}
    for unique_id, node in tests.items():
        spec = of_dbt[unique_id]
        assert spec.blocking == (node["config"]["severity"].upper() == "ERROR"), spec.name
        attached = node.get("attached_node")
        if attached:
            assert spec.asset_key.path[-1] == manifest["nodes"][attached]["name"]


def test_a_release_waits_for_every_mart(workspace: Workspace) -> None:
    (release,) = [
        spec for spec in workspace.assets if spec.key == dg.AssetKey(["published", "release"])
    ]
    marts = {spec.key for spec in workspace.assets if spec.key.path[0] == "marts"}
    assert {dep.asset_key for dep in release.deps} == marts


def test_every_source_is_looked_at_scheduled_and_expected(workspace: Workspace) -> None:
    sources = {source.source_id: source for source in all_sources()}
    policies = {
        spec.key.path[1]: spec.freshness_policy
        for spec in workspace.assets
        if spec.key.path[0] == "raw"
    }
    assert policies == {
        source_id: dg.FreshnessPolicy.time_window(dt.timedelta(days=source.overdue_after_days))
        for source_id, source in sources.items()
    }
    sensors = {sensor.name: sensor for sensor in workspace.definitions.sensors}
    assert {f"new_edition_{source_id}" for source_id in policies} < set(sensors)
    schedules = {schedule.name: schedule for schedule in workspace.definitions.schedules}
    assert set(schedules) == {f"refresh_{sources[source_id].cadence}" for source_id in policies}
    # Off, unless the process was told otherwise: `make dev`, `chokepoint refresh`, tests.
    assert {sensor.default_status for sensor in sensors.values()} == {
        dg.DefaultSensorStatus.STOPPED
    }
    assert {schedule.default_status for schedule in schedules.values()} == {
        dg.DefaultScheduleStatus.STOPPED
    }
    asked = {
        spec.asset_key.path[1]
        for spec in workspace.checks
        if spec.name == "newest_period_is_recent"
    }
    assert asked == {source_id for source_id in policies if sources[source_id].newest_period}
    assert not [
        spec.name
        for spec in workspace.checks
        if spec.name == "newest_period_is_recent" and spec.blocking
    ]


def test_the_dbt_project_is_no_package() -> None:
    # It would hide the library `dbt`.
    assert not (DBT_PROJECT / "__init__.py").exists()
