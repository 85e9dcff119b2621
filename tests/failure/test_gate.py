"""The gate cannot be walked around: what is not a whole, audited build is refused, in words."""

import json
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from dagster_project.publishing import audit
from dagster_project.publishing import release as release_module
from dagster_project.publishing.gate import PublishRefusedError
from dagster_project.settings import Settings
from tests.failure._helpers import (
    build_of,
    copied,
    gate,
    mutate,
    publish,
    settings_of,
    snapshot,
    writing,
)

pytestmark = pytest.mark.slow

CHECK = "marts/mart_production_share:refining_share_within_band"


@pytest.fixture
def settings(small: Path, tmp_path: Path) -> Settings:
    """An audited build with new content, ready to be published."""
    settings = copied(small, tmp_path / "data")
    mutate(settings, "unpublished")
    return settings


def _refused(settings: Settings, act: Callable[[Settings], object] = publish) -> str:
    before = snapshot(settings.published)
    with pytest.raises(PublishRefusedError) as refused:
        act(settings)
    assert snapshot(settings.published) == before
    text = str(refused.value)
    assert text.startswith("not published: ")
    assert "next: run a whole refresh" in text
    assert refused.value.__cause__ is None, "the command shows the root cause: it must be this text"
    return text


def _edit(path: Path, **changes: str) -> None:
    content = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**content, **changes}), encoding="utf-8")


def test_the_audited_build_is_published(settings: Settings) -> None:
    assert publish(settings).is_new


@pytest.mark.parametrize("index", range(3))
def test_a_failed_blocking_check_is_named(settings: Settings, index: int) -> None:
    _, blocking = gate(settings)
    key = [CHECK, blocking[0], blocking[-1]][index]
    audit.record(
        settings.audit,
        build_of(settings),
        [audit.CheckRecord(key, False, "ERROR", "7 rows offend")],
    )
    text = _refused(settings)
    assert f"{key}: 7 rows offend" in text
    assert "failed or did not run" in text


def test_a_blocking_check_that_warned_does_not_refuse(settings: Settings) -> None:
    record = audit.CheckRecord(CHECK, False, "WARN", "1 outside_expected")
    audit.record(settings.audit, build_of(settings), [record])
    assert publish(settings).is_new


def test_a_blocking_check_that_did_not_run_is_named(settings: Settings) -> None:
    nodes, blocking = gate(settings)
    path = settings.audit / f"{build_of(settings)}.json"
    kept = [item for item in json.loads(path.read_text()) if item["key"] != CHECK]
    path.write_text(json.dumps(kept))

    def act(settings: Settings) -> None:
        from dagster_project.publishing.release import publish as publish_release

        publish_release(settings, nodes, blocking)

    assert f"{CHECK}: not run in this build" in _refused(settings, act)
    path.unlink()
    assert f"{blocking[0]}: not run in this build" in _refused(settings, act)


def test_a_lake_of_two_builds_is_refused(settings: Settings) -> None:
    # The first of the list: a long one is cut.
    _edit(settings.lake_folder / "eu_crm" / "criticality.json", build_id="another")
    text = _refused(settings)
    assert "parts of different builds" in text
    assert "eu_crm/criticality: build another" in text


def test_another_parquet_than_the_sidecar_describes_is_refused(settings: Settings) -> None:
    path = settings.lake_folder / "usgs_mcs" / "production.parquet"
    pl.read_parquet(path).write_parquet(path, compression="lz4")
    text = _refused(settings)
    assert "lake tables are not the ones their sidecars describe" in text
    assert "  - usgs_mcs/production\n" in text
    path.unlink()
    assert "  - usgs_mcs/production\n" in _refused(settings)


def test_a_missing_lake_table_is_refused(settings: Settings) -> None:
    (settings.lake_folder / "usgs_mcs" / "production.json").unlink()
    text = _refused(settings)
    assert "lake tables are missing" in text
    assert "  - usgs_mcs/production\n" in text


def test_mixed_inputs_are_refused(settings: Settings) -> None:
    _edit(settings.lake_folder / "usgs_mcs" / "production.json", input="files")
    text = _refused(settings)
    assert "the lake mixes inputs" in text
    assert "  - embedded\n  - files" in text


def test_a_node_of_another_build_is_refused(settings: Settings) -> None:
    nodes, blocking = gate(settings)
    node = "model.chokepoint.mart_production_share"

    def act(settings: Settings) -> None:
        from dagster_project.publishing.release import publish as publish_release

        publish_release(settings, nodes, blocking)

    with writing(settings) as connection:
        connection.execute(
            "update _build.node set build_id = 'by_hand' where unique_id = ?", [node]
        )
    text = _refused(settings, act)
    assert "parts of different builds" in text
    with writing(settings) as connection:
        connection.execute("update _build.node set status = 'error' where unique_id = ?", [node])
    assert f"{node}: error" in _refused(settings, act)
    with writing(settings) as connection:
        connection.execute("delete from _build.node where unique_id = ?", [node])
    assert f"{node}: not built" in _refused(settings, act)
    with writing(settings) as connection:
        connection.execute("drop schema _build cascade")
    assert "the warehouse was not built by a refresh" in _refused(settings, act)


def test_no_warehouse_is_refused(tmp_path: Path) -> None:
    from dagster_project.publishing.release import publish as publish_release

    with pytest.raises(PublishRefusedError, match="there is no warehouse yet"):
        publish_release(settings_of(tmp_path), ["model"], ["check"])
    assert not (tmp_path / "published").exists()


def test_a_built_file_that_is_not_the_audited_one_is_refused(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = release_module.write_database

    def spoiled(settings: Settings, path: Path, about: dict[str, object]) -> None:
        import duckdb

        write(settings, path, about)
        with duckdb.connect(str(path)) as connection:
            connection.execute("delete from marts.dim_stage where stage_order = 1")

    monkeypatch.setattr(release_module, "write_database", spoiled)
    text = _refused(settings)
    assert "the built file is not the one that was audited" in text
    assert "dim_stage: 5 rows, audited 6" in text
