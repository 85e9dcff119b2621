"""A build on Spark that failed leaves nothing to publish, and a machine without Spark is told what to do."""

import json
import shutil
import sys
from pathlib import Path

import pytest

from dagster_project.operations.dbt_runner import DbtError, run_dbt
from dagster_project.operations.spark import SparkError, build_on_spark
from dagster_project.settings import Settings
from sources.reading.input import Input


def _pretender(folder: Path, told: object) -> Path:
    """In place of Spark's Python: writes these results and ends."""
    program = folder / "python"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nopen(sys.argv[2], 'w').write({json.dumps(told)!r})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


@pytest.mark.parametrize("status", ["error", "fail", "skipped"])
def test_a_node_that_failed_on_spark_ends_the_build(
    parsed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, status: str
) -> None:
    """Before DuckDB takes any table: the gate then finds no warehouse."""
    node = {"unique_id": "model.chokepoint.mart_x", "status": status, "message": "told so"}
    told = {"executors": 2, "error": "", "nodes": [{**node, "seconds": 1, "failures": None}]}
    monkeypatch.setenv("CHOKEPOINT_SPARK_PYTHON", str(_pretender(tmp_path, told)))
    monkeypatch.setenv("CHOKEPOINT_SPARK_MASTER", "local[1]")
    monkeypatch.setenv("JAVA_HOME", "/nowhere")
    settings = Settings(tmp_path / "data", Input.EMBEDDED, None, engine="spark")
    shutil.copytree(parsed / "dbt", settings.dbt_target)
    with pytest.raises(DbtError, match=f"mart_x: {status}: told so"):
        run_dbt(settings, "some-build")
    assert not settings.warehouse.exists()


def test_a_machine_without_spark_is_told_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CHOKEPOINT_SPARK_PYTHON", str(tmp_path / "none"))
    settings = Settings(tmp_path / "data", Input.EMBEDDED, None, engine="spark")
    with pytest.raises(SparkError, match=r"run `make \.tools/spark/\.synced`"):
        build_on_spark(settings, {})
    assert not settings.spark.exists()
