"""`make bench-scale`: what the trade models cost at ten and a hundred million flows, on two cores.

BACI's flows and accounts stand in the lake as often as it takes, each copy in years of its own: the same joins, so many
times the rows. What does not rest on them is built first, from the lake as it is. Then dbt builds, in a process of its
own, the models that carry every flow: classified by mineral and stage, its metal, medians of unit values, outliers and
goods under two lines (`int_trade__measured_flows`). What follows are sums of these. Measured are CPU and wall time, the
largest memory, and the largest size of DuckDB's file and of what it spilled beside it.

The lake is that of CHOKEPOINT_DATA, which a refresh must have built; the copies lie there too, and are deleted.
"""

import os
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.refresh import CORES, ROOT, BenchmarkError, Line, pin

SIZES = (10_000_000, 100_000_000)
LAST = "int_trade__measured_flows"
# What rests on flows or accounts, up to the last.
SELECTED = tuple(
    f"stg_cepii_baci__{of}+,+{LAST}" for of in ("trades", "line_accounts", "series", "series_gaps")
)
MEMORY = "4GB"
TRADE = Path("cepii_baci", "trade.parquet")
ACCOUNTS = Path("cepii_baci", "line_account.parquet")
# A copy's years begin so much later; the longest series of BACI has thirty.
YEARS_APART = 50
SECONDS = 0.5
NO_TESTS = ("--exclude-resource-type", "test", "unit_test")


@dataclass(frozen=True)
class Cost:
    """What one build cost."""

    flows: int
    rows: int
    cpu: float
    wall: float
    peak_mb: float
    spilled_mb: float
    file_mb: float


def measure(progress: Callable[[str], None], sizes: tuple[int, ...] = SIZES) -> Iterator[Line]:
    """Measure, and yield each line once it is known.

    Raises:
        BenchmarkError: there is no lake, or a build failed.
    """
    data = Path(os.environ.get("CHOKEPOINT_DATA") or ROOT / "data").resolve()
    if not (data / "lake" / TRADE).exists():
        raise BenchmarkError(f"no lake at {data}: `make refresh` builds it")
    pin()
    folder = data / "scale"
    shutil.rmtree(folder, ignore_errors=True)
    try:
        for size in sizes:
            progress(f"{size:,} flows: writing the lake")
            shutil.copytree(data / "lake", folder / "lake", copy_function=os.symlink)
            _dbt(["build", "--select", f"+{LAST}", *NO_TESTS], folder)
            flows = _grow(data / "lake", folder / "lake", size)
            progress(f"{flows:,} flows: building {LAST}")
            cost = _built(folder, flows)
            yield Line(
                f"DuckDB, {cost.flows:,} flows",
                f"{cost.cpu:,.0f} s of CPU",
                f"{cost.wall:,.0f} s of wall clock on {CORES} cores; {cost.peak_mb:,.0f} MB of memory at most (limit "
                f"{MEMORY}), {cost.spilled_mb:,.0f} MB spilled at most; {cost.rows:,} rows of {LAST}, "
                f"{cost.file_mb:,.0f} MB of warehouse",
            )
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    yield Line("Spark", "left out", "`make spark` builds the same models: docs/scale.md")


def _grow(lake: Path, grown: Path, size: int) -> int:
    """Write a lake with about so many flows, links to its other tables, and return how many they are."""
    import duckdb

    with duckdb.connect() as connection:
        connection.execute(f"set threads = {CORES}")
        connection.execute(f"set memory_limit = '{MEMORY}'")
        connection.execute("set preserve_insertion_order = false")
        trade = str(lake / TRADE)
        ((rows,),) = connection.execute("select count(*) from read_parquet(?)", [trade]).fetchall()
        copies = max(round(size / rows), 1)
        for table in (TRADE, ACCOUNTS):
            (grown / table).unlink()
            connection.execute(
                f"copy (select read.* replace "
                f"(cast(reference_year + {YEARS_APART} * number as integer) as reference_year) "
                f"from read_parquet('{lake / table}') as read cross join range({copies}) as copies (number)) "
                f"to '{grown / table}' (format parquet, compression zstd)"
            )
    return rows * copies


def _built(folder: Path, flows: int) -> Cost:
    """Build the models from the grown lake and measure it."""
    import duckdb

    warehouse = folder / "warehouse"
    largest = {"tmp": 0, "*.duckdb*": 0}
    ended = threading.Event()

    def look() -> None:
        while not ended.wait(SECONDS):
            for pattern, most in largest.items():
                largest[pattern] = max(most, _size(warehouse, pattern))

    looking = threading.Thread(target=look)
    looking.start()
    started, before = time.monotonic(), resource.getrusage(resource.RUSAGE_CHILDREN)
    try:
        _dbt(["build", "--select", *SELECTED, *NO_TESTS], folder)
    finally:
        ended.set()
        looking.join()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    with duckdb.connect(str(warehouse / "chokepoint.duckdb"), read_only=True) as connection:
        ((rows,),) = connection.execute(f"select count(*) from intermediate.{LAST}").fetchall()
    return Cost(
        flows=flows,
        rows=rows,
        cpu=after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        wall=time.monotonic() - started,
        # Of the largest child so far: sizes grow, and what was built first is small.
        peak_mb=after.ru_maxrss / 1024,
        spilled_mb=largest["tmp"] / 1e6,
        file_mb=largest["*.duckdb*"] / 1e6,
    )


def _size(warehouse: Path, pattern: str) -> int:
    """Bytes of the files that match, and of those in folders that match; one that went meanwhile has none."""
    total = 0
    for path in [*warehouse.glob(pattern), *warehouse.glob(f"{pattern}/*")]:
        try:
            total += path.stat().st_size if path.is_file() else 0
        except FileNotFoundError:
            continue
    return total


def _dbt(arguments: list[str], folder: Path) -> None:
    (folder / "warehouse").mkdir(exist_ok=True)
    environment = {
        **os.environ,
        "CHOKEPOINT_DATA": str(folder),
        "CHOKEPOINT_LAKE": str(folder / "lake"),
        "CHOKEPOINT_MEMORY_LIMIT": MEMORY,
        "CHOKEPOINT_THREADS": str(CORES),
        "DO_NOT_TRACK": "1",
    }
    where = ["--project-dir", ROOT / "dbt", "--profiles-dir", ROOT / "dbt"]
    kept = ["--target-path", folder / "target", "--log-path", folder / "logs", "--quiet"]
    done = subprocess.run(
        [sys.executable, "-m", "dbt.cli.main", *map(str, [*arguments, *where, *kept])],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise BenchmarkError((done.stdout + done.stderr)[-4_000:])
