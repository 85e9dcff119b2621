"""Builds the dbt project on Spark and writes what became of each node.

Run by `dagster_project/operations/spark.py` in an environment of its own, which has dbt-spark and pyspark:

    python dbt/spark/build.py RESULTS VARS EXECUTORS

EXECUTORS are waited for. CHOKEPOINT_SPARK_MASTER is the master; CHOKEPOINT_DATA as everywhere; all else is told as Spark
is told, in `spark-defaults.conf` or PYSPARK_SUBMIT_ARGS.
"""

import json
import os
import sys
import time
from functools import cache
from itertools import count
from pathlib import Path
from typing import Any

from dbt.adapters.spark import SparkAdapter, session
from dbt.cli.main import dbtRunner
from dialect import for_spark, with_held_steps
from pyspark.sql import SparkSession

PROJECT = Path(__file__).resolve().parents[1]
EXECUTORS_WITHIN_SECONDS = 60


def open_session(folder: Path) -> SparkSession:
    """The session that dbt-spark takes: tables lie in the folder, and the catalog is over with the session."""
    settings = {
        "spark.sql.catalogImplementation": "in-memory",
        "spark.sql.warehouse.dir": folder / "tables",
        "spark.ui.enabled": "false",
        "spark.ui.showConsoleProgress": "false",
    }
    builder = SparkSession.builder.appName("chokepoint")
    for name, value in settings.items():
        builder = builder.config(name, str(value))
    return builder.master(os.environ["CHOKEPOINT_SPARK_MASTER"]).getOrCreate()


def executor_count(spark: SparkSession, least: int) -> int:
    """Executors that work for the session, the driver not counted; waited for until there are as many as asked."""
    tracker = spark.sparkContext._jsc.sc().statusTracker()
    begun = time.monotonic()
    while (found := len(tracker.getExecutorInfos()) - 1) < least:
        if time.monotonic() - begun > EXECUTORS_WITHIN_SECONDS:
            break
        time.sleep(0.2)
    return found


def _plug_in(spark: SparkSession) -> None:
    """What dbt-spark's session lacks: SQL in our words, and Python models in this process."""
    numbers = count()

    # A statement is seen twice: dbt asks for a contract's columns before it makes the table.
    @cache
    def columns_of(query: str) -> list[str]:
        return spark.sql(query).columns

    class Cursor(session.Cursor):
        def execute(self, sql: str, *parameters: Any) -> None:
            kept: list[str] = []

            def keep(query: str) -> str:
                kept.append(f"held_{next(numbers)}")
                spark.sql(query).localCheckpoint().createOrReplaceTempView(kept[-1])
                return kept[-1]

            plain = for_spark(sql, columns_of)
            super().execute(with_held_steps(plain, keep), *parameters)
            for name in kept:
                spark.catalog.dropTempView(name)

    class InThisProcess:
        def __init__(self, *_: Any) -> None:
            """Takes the model and credentials that a cluster would need."""

        def submit(self, compiled_code: str) -> None:
            # Macros of dbt put spaces before the first line.
            exec(compiled_code.lstrip(), {"spark": spark})  # noqa: S102 (our own model)

    session.Cursor = Cursor
    SparkAdapter.python_submission_helpers = property(
        lambda _: {"all_purpose_cluster": InThisProcess}
    )


def main(results: Path, variables: str, executors: str, *more: str) -> bool:
    """Build all seeds, models and data tests; whether all went well."""
    folder = results.parent
    spark = open_session(folder)
    working = executor_count(spark, int(executors))
    _plug_in(spark)
    outcome = dbtRunner().invoke(
        [
            *(more or ("build", "--exclude-resource-type", "unit_test")),
            "--vars",
            variables,
            "--target",
            "spark",
            "--project-dir",
            str(PROJECT),
            "--profiles-dir",
            str(PROJECT),
            "--target-path",
            str(folder / "target"),
            "--log-path",
            str(folder / "logs"),
            "--log-level",
            "none",
            "--log-level-file",
            "info",
            "--no-write-json",
        ]
    )
    nodes = [
        {
            "unique_id": item.node.unique_id,
            "status": str(item.status),
            "failures": item.failures,
            "seconds": item.execution_time,
            "message": item.message or "",
        }
        for item in getattr(outcome.result, "results", [])
    ]
    told = {"executors": working, "error": str(outcome.exception or ""), "nodes": nodes}
    results.write_text(json.dumps(told, indent=1), encoding="utf-8")
    return outcome.success


if __name__ == "__main__":
    went_well = main(Path(sys.argv[1]), *sys.argv[2:])
    sys.stdout.flush()
    # Spark's JVM waits for threads of dbt that are over.
    os._exit(0 if went_well else 1)
