"""All SQL that dbt sends in a refresh, once more in its order on one connection: what a refresh can't go below.

The first refresh, which nobody counts, notes the statements; another process runs them. Seeds and models in Python
are no such statements: these tables are copied from the warehouse that the refresh built, and every table of the
replay must have as many rows as there. With ten times the trade, BACI's years stand ten times in the lake, the copies in years of their own: the
same joins, ten times the rows.
"""

import json
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

TIMES = 10
MEMORY_MB = 2_000
TRADE = "lake/cepii_baci/trade.parquet"
MARK = '"app": "dbt"'
MARK_OF_SEED = '"node_id": "seed.'
CREATED = re.compile(r'create\s+table\s+(?:if not exists\s+)?(?:"\w+"\.)?"?(\w+)"?\."?(\w+)"?')
ROWS = """
    select schema_name || '.' || table_name, estimated_size from duckdb_tables()
    where database_name = ? order by all
"""
SECONDS = 0.2


def note(folder: Path, data: Path) -> None:
    """Refresh an empty data folder, and write the SQL of it into `folder`."""
    run("noted", _statements(folder), data)


def measure(
    folder: Path, data: Path, refresh_cpu: float, progress: Callable[[str], None]
) -> Iterator[tuple[str, str, str]]:
    """Figure, value and how, line by line; of what `note` wrote and the warehouse that stands.

    Raises:
        BenchmarkError: the replay fails, or builds other tables than the refresh.
    """
    progress("replaying the SQL of a refresh")
    once = json.loads(run("replayed", _statements(folder), data))
    yield (
        "refresh / replay of its SQL, CPU",
        f"{refresh_cpu / once['cpu']:.1f}",
        f"replay {once['cpu']:.1f} s of CPU, {once['peak_mb']:.0f} MB at most, {once['rows']:,} rows as in the warehouse",
    )
    progress(f"replaying it with {TIMES} times the trade")
    grown = folder / "grown"
    shutil.copytree(data / "lake", grown / "lake")
    many = json.loads(run("replayed", _statements(folder), data, grown))
    yield (
        f"replay with {TIMES} times the trade, CPU over once",
        f"{many['cpu'] / once['cpu']:.1f}",
        f"{many['cpu']:.1f} s, {many['peak_mb']:.0f} MB at most, {many['spilled_mb']:.0f} MB on disk at most",
    )


def _statements(folder: Path) -> Path:
    return folder / "statements.json"


def run(step: str, *paths: Path) -> str:
    """The last line that a step prints, run in a process of its own.

    Raises:
        BenchmarkError: it failed.
    """
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks.replay", step, *map(str, paths)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        from benchmarks.refresh import BenchmarkError

        raise BenchmarkError((done.stdout + done.stderr)[-4_000:])
    return done.stdout.splitlines()[-1] if done.stdout else ""


def noted(statements: Path, data: Path) -> None:
    """Refresh, and write down what dbt sends to DuckDB."""
    os.environ.update(CHOKEPOINT_DATA=str(data), DAGSTER_HOME=str(data / "dagster"))
    import duckdb

    connection: Any = duckdb.DuckDBPyConnection
    execute, sent = connection.execute, list[str]()

    def noting(self: Any, query: Any, *arguments: Any, **named: Any) -> Any:
        if isinstance(query, str) and MARK in query[:200]:
            sent.append(query)
        return execute(self, query, *arguments, **named)

    connection.execute = noting
    from dagster_project.cli.commands import app

    try:
        app(["refresh", "--force"])
    finally:
        statements.write_text(json.dumps(sent), encoding="utf-8")


def replayed(statements: Path, data: Path, grown: Path | None = None) -> None:
    """Run the statements on a database of what they do not make; print CPU, memory, rows and what lay on disk, as JSON."""
    import duckdb

    from dagster_project.publishing.warehouse import DISABLED_OPTIMIZERS

    folder = statements.parent / "replayed"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    connection = duckdb.connect(str(folder / "chokepoint.duckdb"))
    connection.execute(f"set disabled_optimizers = '{DISABLED_OPTIMIZERS}'")
    connection.execute("set threads = 2")
    connection.execute(f"set memory_limit = '{MEMORY_MB}MB'")
    connection.execute(f"attach '{data / 'warehouse' / 'chokepoint.duckdb'}' as built (read_only)")
    rows_built = dict(connection.execute(ROWS, ["built"]).fetchall())
    sent = [
        statement
        for statement in json.loads(statements.read_text(encoding="utf-8"))
        if MARK_OF_SEED not in statement[:400]
    ]
    created = {match for statement in sent for match in CREATED.findall(statement)}
    for table in (name for name in rows_built if tuple(name.split(".")) not in created):
        connection.execute(f"create schema if not exists {table.partition('.')[0]}")
        connection.execute(f"create table {table} as from built.{table}")
    connection.execute("detach built")
    if grown is not None:
        connection.execute(
            f"copy (select trade.* replace "
            f"(cast(reference_year + 50 * number as integer) as reference_year) "
            f"from '{data / TRADE}' as trade cross join range({TIMES}) as copies (number)) "
            f"to '{grown / TRADE}' (format parquet, compression zstd)"
        )
    spilled = [0]

    def look() -> None:
        with connection.cursor() as beside:
            while True:
                now = beside.execute("select coalesce(sum(size), 0) from duckdb_temporary_files()")
                spilled[0] = max(spilled[0], now.fetchall()[0][0])
                time.sleep(SECONDS)

    threading.Thread(target=look, daemon=True).start()
    before = time.process_time()
    for statement in sent:
        sql = statement if grown is None else statement.replace(str(data), str(grown))
        connection.execute(sql).fetchall()
    cpu = time.process_time() - before
    rows = dict(connection.execute(ROWS, ["chokepoint"]).fetchall())
    if grown is None and rows != rows_built:
        differing = sorted(dict(rows.items() ^ rows_built.items()))
        sys.exit(
            f"the replay built other tables than the refresh; {len(differing)} differ in rows: "
            + ", ".join(
                f"{name} {rows.get(name)} for {rows_built.get(name)}" for name in differing[:8]
            )
        )
    figures = {
        "cpu": cpu,
        "rows": sum(rows.values()),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "spilled_mb": spilled[0] / 1e6,
    }
    print(json.dumps(figures))
    # The other thread may be at work in the database.
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    step, *paths = sys.argv[1:]
    {"noted": noted, "replayed": replayed}[step](*map(Path, paths))
