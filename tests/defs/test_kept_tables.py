"""A lake table made from the same bytes by the same code is kept with its checks; any other is made again."""

import json
from collections.abc import Iterator
from pathlib import Path

import dagster as dg
import pytest

from dagster_project.publishing import audit
from dagster_project.resources import FORCE_TAG
from sources.reading import code_digest
from sources.reading.code_digest import ENGINES, code_of_source, digest_of
from sources.reading.lake import Sidecar, read_sidecar, sidecar_matches
from tests.defs._workspace import QUIET, Workspace, check_key, working_in

SOURCE = "world_bank_wgi"


@pytest.fixture
def workspace(loaded: Workspace) -> Iterator[Workspace]:
    loaded.restore()
    with working_in(loaded.settings):
        yield loaded


def _run(workspace: Workspace, **tags: str) -> tuple[str, dict[str, Sidecar]]:
    """Read, tidy and check the source; the build, and its tables' sidecars."""
    keys = [
        spec.key
        for spec in workspace.assets
        if spec.key.path[:2] in (["raw", SOURCE], ["lake", SOURCE])
    ]
    job = workspace.definitions.resolve_implicit_global_asset_job_def()
    with dg.DagsterInstance.ephemeral() as instance:
        result = job.execute_in_process(
            asset_selection=keys, instance=instance, run_config=QUIET, tags=tags
        )
    lake = workspace.settings.lake_folder
    sidecars = {
        key.path[2]: read_sidecar(lake, SOURCE, key.path[2]) for key in keys if key.path[2:]
    }
    assert all(sidecar_matches(lake, sidecar) for sidecar in sidecars.values())
    assert {sidecar.build_id for sidecar in sidecars.values()} == {result.run_id}
    checked = {item.key for item in audit.read(workspace.settings.audit, result.run_id)}
    assert checked == {check_key(spec) for spec in workspace.checks if spec.asset_key in keys}
    return result.run_id, sidecars


def _severities(workspace: Workspace, build_id: str) -> dict[str, str]:
    return {item.key: item.severity for item in audit.read(workspace.settings.audit, build_id)}


@pytest.mark.slow
def test_what_is_the_same_is_kept_and_forced_is_the_same(workspace: Workspace) -> None:
    made, first = _run(workspace, **{FORCE_TAG: "yes"})
    assert {sidecar.kept_from for sidecar in first.values()} == {""}
    paths = sorted((workspace.settings.lake_folder / SOURCE).glob("*.parquet"))
    before = [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths]
    keeping, kept = _run(workspace)
    assert {sidecar.kept_from for sidecar in kept.values()} == {made}
    assert _severities(workspace, keeping) == _severities(workspace, made)
    assert [(path.stat().st_ino, path.stat().st_mtime_ns) for path in paths] == before
    _, forced = _run(workspace, **{FORCE_TAG: "yes"})
    assert {sidecar.kept_from for sidecar in forced.values()} == {""}
    for table, sidecar in forced.items():
        assert sidecar.content_digest == kept[table].content_digest == first[table].content_digest


@pytest.mark.slow
@pytest.mark.parametrize("spoiled", ["byte", "code", "lost", "sidecar"])
def test_what_is_not_the_same_is_made_again(workspace: Workspace, spoiled: str) -> None:
    _, first = _run(workspace)
    table = sorted(first)[0]
    path = workspace.settings.lake_folder / SOURCE / f"{table}.parquet"
    about = path.with_suffix(".json")
    if spoiled == "byte":
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 1
        path.write_bytes(content)
    elif spoiled == "code":
        text = about.read_text(encoding="utf-8")
        about.write_text(text.replace(first[table].made_from, "0" * 64), encoding="utf-8")
    elif spoiled == "lost":
        path.unlink()
    else:
        about.write_text("{", encoding="utf-8")
    _, again = _run(workspace)
    assert {sidecar.kept_from for sidecar in again.values()} == {""}
    assert again[table].content_digest == first[table].content_digest


@pytest.mark.slow
def test_a_check_that_did_not_pass_is_asked_again(workspace: Workspace) -> None:
    made, _ = _run(workspace)
    path = workspace.settings.audit / f"{made}.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    results[0].update(passed=False, summary="it once failed")
    path.write_text(json.dumps(results[:2]), encoding="utf-8")
    build, kept = _run(workspace)
    assert {sidecar.kept_from for sidecar in kept.values()} == {made}
    # The one that failed, and those that never ended, were run; they pass.
    assert all(item.passed for item in audit.read(workspace.settings.audit, build))


def test_code_and_lists_decide_and_what_others_have_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    deciding = ["registry.py", "reading/units.py", "reference/minerals.csv", f"{SOURCE}/tidy.py"]
    deciding += [f"{SOURCE}/source.yml", f"{SOURCE}/mappings/series.csv"]
    others = ["usgs_mcs/tidy.py", f"{SOURCE}/snapshot/WGI2025/estimate.csv"]
    for name in (*deciding, *others):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("as it is", encoding="utf-8")
    monkeypatch.setattr(code_digest, "SOURCES", tmp_path)

    def digest() -> str:
        return digest_of(code_of_source(SOURCE), ENGINES)

    for name in (*deciding, *others):
        before = digest()
        (tmp_path / name).write_text("as it was", encoding="utf-8")
        assert (digest() != before) == (name in deciding), name
    before = digest()
    monkeypatch.setattr(code_digest, "version", lambda _: "another")
    assert digest() != before
