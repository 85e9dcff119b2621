"""What Spark built is published, a build that failed is not, and a machine without Spark is told what to do."""

import json
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from dagster_project.operations.dbt_runner import DbtError, run_dbt
from dagster_project.operations.spark import SparkError, build_on_spark
from dagster_project.publishing.releases import DATABASE, current_release
from dagster_project.settings import DBT_PROJECT, Settings
from scripts.compare_releases import compare
from sources.reading.input import Input
from tests.copied_repository import refresh_copy


def _pretender(folder: Path, told: object, tables: Path | None = None) -> Path:
    """In place of Spark's Python: writes these results and tables, and ends."""
    lay = f"shutil.copytree({str(tables)!r}, results.parent / 'tables')" if tables else ""
    program = folder / "python"
    program.write_text(
        f"#!{sys.executable}\nimport shutil, sys\nfrom pathlib import Path\n"
        f"results = Path(sys.argv[2])\nresults.write_text({json.dumps(told)!r})\n{lay}\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def test_tables_of_spark_become_the_same_release(few: Path, tmp_path: Path) -> None:
    """Here Spark's tables are those of DuckDB, one text of them changed, in Parquet as Spark would leave it."""
    release = few / "published" / "current" / DATABASE
    tables, data = tmp_path / "tables", tmp_path / "data"
    with duckdb.connect(str(few / "warehouse" / "chokepoint.duckdb"), read_only=True) as warehouse:
        for schema, name in warehouse.execute(
            "select schema_name, table_name from duckdb_tables() "
            "where schema_name in ('staging', 'intermediate', 'marts')"
        ).fetchall():
            folder = tables / f"{schema}.db" / name
            folder.mkdir(parents=True)
            changed = (
                " replace (stage_description || ' (Spark)' as stage_description)"
                if name == "dim_stage"
                else ""
            )
            warehouse.execute(
                f"copy (select *{changed} from {schema}.{name}) to '{folder}/part-0.parquet'"
            )
    for part in ("lake", "raw", "dbt"):
        shutil.copytree(few / part, data / part)
    told = {"executors": 2, "error": "", "nodes": [{"unique_id": "x", "status": "success"}]}
    refresh_copy(
        few.parent / "repo",
        data,
        CHOKEPOINT_ENGINE="spark",
        CHOKEPOINT_SPARK_PYTHON=str(_pretender(tmp_path, told, tables)),
        CHOKEPOINT_SPARK_MASTER="local[1]",
        JAVA_HOME="/nowhere",
    )
    made, before = current_release(data / "published"), current_release(few / "published")
    assert made is not None
    assert before is not None
    assert (made["engine"], before["engine"]) == ("spark", "duckdb")
    assert made["tables"] == before["tables"]
    lines, _ = compare(
        release, data / "published" / "current" / DATABASE, {}, 0, DBT_PROJECT / "models"
    )
    assert lines == ["dim_stage", f"  stage_description: {before['tables']['dim_stage']} changed"]


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
