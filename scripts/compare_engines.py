"""Build the release on Spark too and compare it with DuckDB's: `make spark`.

Refreshes both in data folders of their own (what is built already is not built again), then compares every mart
that Spark made with DuckDB's: rows by their keys, all columns equal, numbers within 1e-9 of each other. Exit code 1
where something differs.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import duckdb

from dagster_project.publishing.releases import DATABASE
from dagster_project.settings import Settings, load_settings
from scripts.compare_releases import ROOT, compare

MARTS = "marts"


def refresh(data: Path, engine: str) -> float:
    """Refresh with an engine in a data folder; seconds it took."""
    begun = time.monotonic()
    ended = subprocess.run(
        [Path(sys.executable).parent / "chokepoint", "refresh"],
        env={**os.environ, "CHOKEPOINT_DATA": str(data), "CHOKEPOINT_ENGINE": engine},
        check=False,
    )
    if ended.returncode:
        # The command said why.
        sys.exit(ended.returncode)
    return time.monotonic() - begun


def differences(release: Path, tables: Path) -> list[str]:
    """What differs between the marts of a release and those that Spark made; empty where nothing does."""
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "spark.duckdb"
        with duckdb.connect(str(made)) as connection:
            connection.execute(f"create schema {MARTS}")
            for mart in sorted((tables / f"{MARTS}.db").iterdir()):
                connection.execute(
                    f"create view {MARTS}.{mart.name} as from read_parquet('{mart}/*.parquet')"
                )
        lines, _ = compare(release, made, {}, 1e-9, ROOT / "dbt" / "models")
    return lines


def main() -> None:
    """Print executors, times, the slowest nodes, and what differs."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--data", type=Path, default=load_settings().data / "on_spark")
    spark: Settings = Settings(parser.parse_args().data, load_settings().input, None)
    release = load_settings().published / "current" / DATABASE
    duckdb_seconds = refresh(load_settings().data, "duckdb")
    spark_seconds = refresh(spark.data, "spark")
    told = json.loads((spark.spark / "results.json").read_text(encoding="utf-8"))
    nodes = sorted(told["nodes"], key=lambda node: -node["seconds"])
    print(f"executors: {told['executors']}; nodes: {len(nodes)}, all passed")
    print(f"refresh: DuckDB {duckdb_seconds:.0f} s, Spark {spark_seconds:.0f} s")
    for node in nodes[:5]:
        print(f"  {node['seconds']:6.1f} s  {node['unique_id']}")
    lines = differences(release, spark.spark_tables)
    print("\n".join(["differs from DuckDB:", *lines] if lines else ["marts equal DuckDB's"]))
    sys.exit(bool(lines))


if __name__ == "__main__":
    main()
