"""Each stopping check is seen failing on a mutated table, and the gate shut behind it.

The checks run through Dagster as in a refresh (dbt's by `run_dbt(select=[name])`); nothing else does.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from dagster_project.dbt_runner import load_manifest, prepare_manifest
from tests.defs._mutations import BAND, Case, band_case, cases_of
from tests.defs._workspace import Workspace, check_key, working_in, workspace_of
from tests.failure._helpers import publish, writing

pytestmark = pytest.mark.slow

ERROR, WARN = dg.AssetCheckSeverity.ERROR, dg.AssetCheckSeverity.WARN


@pytest.fixture
def workspace(data: Path) -> Iterator[Workspace]:
    workspace = workspace_of(data)
    workspace.restore()
    with working_in(workspace.settings):
        yield workspace


@pytest.fixture
def manifest(workspace: Workspace) -> Mapping[str, Any]:
    return load_manifest(prepare_manifest(workspace.settings))


def _stopping(workspace: Workspace, layer: str) -> list[dg.AssetCheckSpec]:
    return [
        spec
        for spec in workspace.checks
        if spec.blocking and (spec.asset_key.path[0] == "lake") == (layer == "lake")
    ]


def _run_beside(workspace: Workspace, spec: dg.AssetCheckSpec) -> list[dg.AssetCheckSpec]:
    """The checks that share a step with this one: those of a source's lake run together."""
    if spec.asset_key.path[0] != "lake":
        return [spec]
    prefix = spec.asset_key.path[:2]
    return [other for other in workspace.checks if other.asset_key.path[:2] == prefix]


def _stops(workspace: Workspace, spec: dg.AssetCheckSpec, case: Case) -> str:
    """Spoil, run the check, look at the gate. What is not as it should be; empty where it stops."""
    workspace.restore()
    case.spoil(workspace.settings)
    key = check_key(spec)
    found = workspace.run_checks(_run_beside(workspace, spec)).get(key)
    if found != (False, ERROR):
        return f"{key}: {case.wrong}: the check says {found}"
    if not workspace.recorded(key).stops:
        return f"{key}: {case.wrong}: the audit lets it pass"
    refusal = workspace.refusal()
    return "" if f"  - {key}: " in refusal else f"{key}: {case.wrong}: the gate says {refusal!r}"


def test_every_stopping_check_has_a_case(workspace: Workspace, manifest: Mapping[str, Any]) -> None:
    stopping = [spec for spec in workspace.checks if spec.blocking]
    assert len(stopping) >= 27
    without = [check_key(spec) for spec in stopping if not cases_of(manifest, spec)]
    assert without == [], "give each of these a mutation in tests/defs/_mutations.py"


def test_the_unspoiled_build_passes(workspace: Workspace) -> None:
    found = workspace.run_checks(workspace.checks)
    assert {key for key, (passed, _) in found.items() if not passed} == set()
    assert set(found) == {check_key(spec) for spec in workspace.checks}
    assert workspace.refusal() == ""


@pytest.mark.parametrize("layer", ["lake", "warehouse"])
def test_stopping_checks_stop_at_a_mutated_table(
    workspace: Workspace, manifest: Mapping[str, Any], layer: str
) -> None:
    wrong: list[str] = []
    seen = 0
    for spec in _stopping(workspace, layer):
        for case in cases_of(manifest, spec):
            seen += 1
            wrong.append(_stops(workspace, spec, case))
    print(f"{layer}: {len(_stopping(workspace, layer))} stopping checks, {seen} mutations")
    assert [text for text in wrong if text] == []


def _verdict(workspace: Workspace) -> str:
    with writing(workspace.settings) as connection:
        found = connection.execute(
            "select distinct verdict from intermediate.int_production__band_met where band_id = ?",
            [BAND],
        ).fetchall()
    return ", ".join(sorted(verdict for (verdict,) in found))


@pytest.mark.parametrize(
    ("case", "verdict"),
    [
        (band_case("inside the plausible band only", 0.85), "outside_expected"),
        (band_case("no figure", None), "no_figure"),
        (
            band_case(
                "far outside a band from memory",
                0.01,
                "update seeds.production_share_band set band_kind = 'from_memory' "
                f"where band_id = '{BAND}'",
            ),
            "outside_expected",
        ),
    ],
    ids=lambda value: getattr(value, "wrong", ""),
)
def test_refining_share_within_band_warns_and_publishing_goes_on(
    workspace: Workspace, case: Case, verdict: str
) -> None:
    (spec,) = [spec for spec in workspace.checks if spec.name == "refining_share_within_band"]
    case.spoil(workspace.settings)
    assert _verdict(workspace) == verdict
    assert workspace.run_checks([spec]) == {check_key(spec): (False, WARN)}
    assert not workspace.recorded(check_key(spec)).stops
    assert workspace.refusal() == ""
    publish(workspace.settings)


def test_refining_share_within_band_stops_where_there_is_no_band(workspace: Workspace) -> None:
    (spec,) = [spec for spec in workspace.checks if spec.name == "refining_share_within_band"]
    with writing(workspace.settings) as connection:
        connection.execute("delete from intermediate.int_production__band_met")
    assert workspace.run_checks([spec]) == {check_key(spec): (False, ERROR)}
    assert "no band at all" in workspace.refusal()
