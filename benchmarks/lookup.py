"""One question of the published file, from a cold connection: from whom does Japan import refined lithium?

Process started, DuckDB imported; then the time from opening the file to the last row, each time in a new
process (the operating system may still have the file in memory). Beside it the same question asked of the
Parquet files that are published with it, by the same DuckDB, in the same run and in turn.
"""

import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb

from benchmarks import published
from benchmarks.refresh import BenchmarkError, Line, pin

REPEATS = 9
TARGET_MILLISECONDS = 50.0
QUESTION = """
    select origin_id, value_share, quantity_share, null_reason
    from {table}
    where importer_id = 'JPN' and mineral_id = 'lithium' and stage = 'refined'
        and series_level = 'mineral_stage' and is_current_series and reference_year = 2023
    order by value_share desc, origin_id
"""
MART = "mart_import_dependency"


def measure(progress: Callable[[str], None]) -> Iterator[Line]:
    """Measure, and yield each line once it is known.

    Raises:
        BenchmarkError: a run failed, or file and Parquet answer differently.
    """
    cores = pin()
    folder = published.release(progress)
    progress(f"a lookup in {MART}")
    file, answer = published.cold("benchmarks.lookup", "file", str(folder), repeats=REPEATS)
    parquet, beside = published.cold("benchmarks.lookup", "parquet", str(folder), repeats=REPEATS)
    if answer != beside or not answer:
        raise BenchmarkError(f"the file answers {answer}, Parquet {beside}")
    is_met = file * 1000 < TARGET_MILLISECONDS
    yield Line(
        f"lookup in {MART}, cold connection",
        f"{file * 1000:.0f} ms",
        f"median of {REPEATS} processes on {cores} cores, {len(answer)} rows; "
        f"target {TARGET_MILLISECONDS:.0f} ms: {'met' if is_met else 'missed'}",
    )
    yield Line(
        "the same of Parquet / of the file", f"{parquet / file:.1f}", f"{parquet * 1000:.0f} ms"
    )


def ask(route: str, folder: Path) -> None:
    """Print the seconds that the question takes, then its answer."""
    started = time.perf_counter()
    if route == "file":
        connection = duckdb.connect(str(folder / "critical_minerals.duckdb"), read_only=True)
        table = f"marts.{MART}"
    else:
        connection = duckdb.connect()
        table = f"read_parquet('{folder / 'parquet' / MART}.parquet')"
    rows = connection.execute(QUESTION.format(table=table)).fetchall()
    print(time.perf_counter() - started)
    print("\n".join(str(row) for row in rows))


if __name__ == "__main__":
    ask(sys.argv[1], Path(sys.argv[2]))
