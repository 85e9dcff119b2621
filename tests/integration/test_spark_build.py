"""What Spark built is published, a build that failed is not, and a machine without Spark is told what to do."""

import json
import shutil
import sys
from pathlib import Path

import duckdb
import pytest

from dagster_project.operations.dbt_runner import (
    DbtError,
    invoke,
    load_graph,
    prepare_manifest,
    run_dbt,
)
from dagster_project.operations.spark import SparkError, build_on_spark
from dagster_project.settings import Settings
from sources.reading.input import Input

STAGES = "select stage, stage_description from marts.dim_stage order by all"
COMMENTS = (
    "select column_name, comment from duckdb_columns() where table_name = 'dim_stage' order by all"
)


def _pretender(folder: Path, told: object) -> Path:
    """In place of Spark's Python: writes these results and ends."""
    program = folder / "python"
    program.write_text(
        f"#!{sys.executable}\nimport sys\nfrom pathlib import Path\n"
        f"Path(sys.argv[2]).write_text({json.dumps(told)!r})\n",
        encoding="utf-8",
    )
    program.chmod(0o755)
    return program


def test_a_table_of_spark_is_taken_as_it_is(
    few: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In place of what DuckDB would build, with contract and comments: one text of it is changed here.

    That a whole release of such tables is that of DuckDB is held in `test_on_spark.py`.
    """
    data = tmp_path / "data"
    for part in ("warehouse", "dbt"):
        shutil.copytree(few / part, data / part)
    settings = Settings(data, Input.EMBEDDED, None)
    table = settings.spark_tables / "marts.db" / "dim_stage"
    table.mkdir(parents=True)
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        before = warehouse.execute(STAGES).fetchall()
        commented = warehouse.execute(COMMENTS).fetchall()
        warehouse.execute(
            "copy (select * replace (stage_description || ' (Spark)' as stage_description) "
            f"from marts.dim_stage) to '{table}/part-0.parquet'"
        )
    graph = load_graph(settings, prepare_manifest(settings))
    taken = json.dumps({"tables_of": str(settings.spark_tables), "build_id": "some-build"})
    arguments = ["build", "--no-write-json", "--vars", taken, "--select", "dim_stage"]
    monkeypatch.setenv("CHOKEPOINT_DATA", str(data))
    outcomes = invoke(arguments, data / "target", data / "logs", manifest=graph)
    assert {str(outcome.status) for outcome in outcomes} == {"success", "pass"}
    with duckdb.connect(str(settings.warehouse), read_only=True) as warehouse:
        after = warehouse.execute(STAGES).fetchall()
        assert warehouse.execute(COMMENTS).fetchall() == commented
    assert after == [(stage, f"{text} (Spark)") for stage, text in before]


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
