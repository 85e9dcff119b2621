"""Builds the models on Apache Spark, where CHOKEPOINT_ENGINE asks for it: docs/spark.md.

Nothing of Spark is imported here: `dbt/spark/build.py` runs in an environment of its own.
"""

import json
import os
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dagster_project.settings import DBT_PROJECT, PROJECT_ROOT, Settings

LOOPBACK = "127.0.0.1"
WORKERS = 2
# A lake of one machine is small: planning takes longer than rows do. Two hundred parts of a few rows each, a table read
# in as many parts as there are cores, plans that are made anew as they run, and code that the JVM compiles twice are
# for large ones.
JAVA = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
# With its one compiler the JVM keeps 48 MB of compiled code: the driver's is full after a minute, and all that comes
# later is interpreted. Most code runs too few times to be compiled by the usual count of calls. Generated classes and
# short-lived rows soon fill the memory that it begins with.
LONG_JAVA = (
    f"{JAVA} -XX:ReservedCodeCacheSize=240m -XX:CompileThresholdScaling=0.1"
    " -XX:MetaspaceSize=256m -Xms1g -XX:NewSize=500m"
)
SMALL = {
    "spark.driver.memory": "2g",
    "spark.executor.memory": "1700m",
    "spark.driver.extraJavaOptions": LONG_JAVA,
    "spark.executor.extraJavaOptions": LONG_JAVA,
    "spark.sql.shuffle.partitions": "2",
    "spark.sql.adaptive.enabled": "false",
    "spark.sql.files.minPartitionNum": "1",
    "spark.sql.files.openCostInBytes": "0",
    # What reads one small table alone is not divided; joins are.
    "spark.sql.optimizer.singleTaskExecution.enabled": "true",
    # By its memory Spark would take 64 MB for each sort and hash table, and 4 MB for each thing that it sends around.
    "spark.buffer.pageSize": "1m",
    "spark.broadcast.blockSize": "256k",
    # An empty file beside each table, which nobody reads.
    "spark.hadoop.mapreduce.fileoutputcommitter.marksuccessfuljobs": "false",
    # Executors would write ten lines for each task.
    "spark.log.level": "WARN",
    "spark.executor.syncLogLevel.enabled": "true",
    # Where other work holds the cores, a small table may wait for longer than the five minutes of Spark's own limit.
    "spark.sql.broadcastTimeout": "3600",
}
STARTS_WITHIN_SECONDS = 60
DAEMON = "org.apache.spark.deploy"
BAD = {"error", "fail", "runtime error", "skipped"}


class SparkError(Exception):
    """Spark is not there, or did not build the whole project; the text says what to do."""


@dataclass(frozen=True)
class SparkBuild:
    """A build on Spark: executors that worked for it, and dbt's nodes as `build.py` wrote them."""

    executors: int
    nodes: list[dict[str, Any]]


def build_on_spark(settings: Settings, variables: Mapping[str, str]) -> SparkBuild:
    """Build all seeds, models and data tests from the lake's Parquet; the tables lie in `settings.spark_tables`.

    On CHOKEPOINT_SPARK_MASTER, else on a master and two workers of this machine, stopped at the end.

    Raises:
        SparkError: no Spark, no cluster, or not every node passed.
    """
    python = Path(
        os.environ.get("CHOKEPOINT_SPARK_PYTHON") or PROJECT_ROOT / ".tools/spark/bin/python"
    )
    if not python.exists():
        raise SparkError(f"there is no Spark at {python}: run `make .tools/spark/.synced`")
    if not (os.environ.get("JAVA_HOME") or shutil.which("java")):
        raise SparkError("Spark needs Java 17 or later: install it, or set JAVA_HOME")
    # As a whole build on DuckDB does: what a deleted model left behind must not be published.
    shutil.rmtree(settings.spark, ignore_errors=True)
    settings.spark.mkdir(parents=True)
    results = settings.spark / "results.json"
    environment = {**os.environ, "SPARK_LOCAL_IP": LOOPBACK} | {
        "CHOKEPOINT_DATA": str(settings.data)
    }
    executors = 0
    with ExitStack() as cluster:
        if not environment.get("CHOKEPOINT_SPARK_MASTER"):
            environment["CHOKEPOINT_SPARK_MASTER"] = cluster.enter_context(
                local_cluster(python, settings.spark / "cluster")
            )
            environment.setdefault("PYSPARK_SUBMIT_ARGS", _submitted(SMALL))
            executors = WORKERS
        with (settings.spark / "build.log").open("w") as log:
            # In the folder: what Spark leaves where it runs does not stay in the repo.
            subprocess.run(
                [
                    python,
                    DBT_PROJECT / "spark/build.py",
                    results,
                    json.dumps(dict(variables)),
                    str(executors),
                ],
                cwd=settings.spark,
                env=environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                check=False,
            )
    if not results.exists():
        raise SparkError(f"Spark ended before dbt did: see {settings.spark / 'build.log'}")
    written = json.loads(results.read_text(encoding="utf-8"))
    faults = [
        f"{node['unique_id']}: {node['status']}: {node['message'].strip()[:300]}"
        for node in written["nodes"]
        if node["status"] in BAD
    ]
    if written["error"] or faults or not written["nodes"]:
        text = "\n".join(filter(None, [written["error"], *faults[:12]]))
        raise SparkError(f"Spark did not build the whole project:\n{text}")
    return SparkBuild(written["executors"], written["nodes"])


def _submitted(settings: Mapping[str, str]) -> str:
    return shlex.join(
        [f for name, value in settings.items() for f in ("--conf", f"{name}={value}")]
        + ["pyspark-shell"]
    )


@contextmanager
def local_cluster(python: Path, folder: Path) -> Iterator[str]:
    """Address of a standalone master with two workers on this machine, a core and an executor each."""
    (spark_class,) = python.parent.parent.glob("lib/python*/site-packages/pyspark/bin/spark-class")
    folder.mkdir(parents=True)
    with socket.socket() as free:
        free.bind((LOOPBACK, 0))
        port = free.getsockname()[1]
    address = f"spark://{LOOPBACK}:{port}"
    environment = {
        **os.environ,
        "SPARK_LOCAL_IP": LOOPBACK,
        "SPARK_DAEMON_MEMORY": "256m",
        "SPARK_DAEMON_JAVA_OPTS": JAVA,
    }
    started: list[subprocess.Popen[bytes]] = []

    def start(name: str, *arguments: str) -> None:
        with (folder / f"{name}.log").open("w") as log:
            started.append(
                subprocess.Popen(
                    [spark_class, *arguments],
                    env=environment,
                    cwd=folder,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                )
            )

    at = ["--host", LOOPBACK, "--webui-port", "0"]
    try:
        start("master", f"{DAEMON}.master.Master", *at, "--port", str(port))
        _wait_for(port, started[0])
        for number in range(WORKERS):
            work = ["--work-dir", str(folder / f"work-{number}")]
            limits = ["--cores", "1", "--memory", "2g"]
            start(f"worker-{number}", f"{DAEMON}.worker.Worker", *at, *limits, *work, address)
        yield address
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for(port: int, master: "subprocess.Popen[bytes]") -> None:
    begun = time.monotonic()
    while time.monotonic() - begun < STARTS_WITHIN_SECONDS and master.poll() is None:
        try:
            socket.create_connection((LOOPBACK, port), timeout=1).close()
        except OSError:
            time.sleep(0.2)
        else:
            return
    raise SparkError("Spark's master did not start: see master.log beside the tables")
