"""A release states what it holds that may not be passed on; an embedded one holds nothing of it."""

import json
import shutil
from pathlib import Path

import duckdb
import polars as pl
import pytest

from dagster_project.publishing.gate import restricted_sources
from dagster_project.settings import Settings
from sources.reading.input import Input
from sources.registry import reader_of

pytestmark = pytest.mark.slow


def test_an_embedded_release_holds_nothing_and_says_nothing(
    data: Path, release: duckdb.DuckDBPyConnection
) -> None:
    for table in reader_of("un_comtrade").lake:
        assert pl.read_parquet(data / "lake" / "un_comtrade" / f"{table}.parquet").is_empty()
    stated = release.execute("select restricted_sources from _build.release").fetchall()
    assert stated == [("",)]
    about = json.loads((data / "published" / "current" / "release.json").read_text("utf-8"))
    assert about["restricted_sources"] == ""
    for table in ("dim_source", "dim_edition", "fct_trade"):
        query = f"select count(*) from marts.{table} where source_id = 'un_comtrade'"
        assert release.execute(query).fetchall() == [(0,)], table


def test_what_was_read_is_stated_whatever_the_switch_says(data: Path, tmp_path: Path) -> None:
    """The statement comes from the lake: a switch turned off before publishing hides nothing."""
    shutil.copytree(
        data / "lake", tmp_path / "lake", ignore=shutil.ignore_patterns("*.parquet"), symlinks=True
    )
    settings = Settings(tmp_path, Input.FILES, None, include_restricted=False)
    assert restricted_sources(settings) == []
    path = tmp_path / "lake" / "un_comtrade" / "declaration.json"
    sidecar = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps({**sidecar, "editions": {"BULK2024": "digest"}}), "utf-8")
    assert restricted_sources(settings) == ["un_comtrade"]
