"""The ways from a year's zip to filtered Parquet that `benchmarks.baci` compares, each in its own process.

`python -m benchmarks.baci_routes <route> <zip> <lines> <target>` prints what it cost as JSON: wall clock and
CPU of the work without imports, and the process's peak memory with them.
"""

import json
import os
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb
import polars as pl

from sources.cepii_baci.archive import Member, members_of
from sources.cepii_baci.extract import YearOfRows, read_year, read_years
from sources.cepii_baci.rows import HEADER, parse
from sources.cepii_baci.stream import inflated, whole_lines

YEAR = 2022
FEW, MANY = 5, 30
Facts = dict[str, Any]


def _only_member(path: Path) -> Member:
    [member] = members_of(path).values()
    return member


def _quiet(year: YearOfRows) -> None:
    """No progress while it is measured."""


def _facts(kept: pl.DataFrame) -> Facts:
    return {"rows": kept.height, "value_usd": int(kept["value_usd"].sum())}


def peak_mb() -> float:
    """Most memory that this process held so far.

    Linux hands `ru_maxrss` of the parent down to the child: its own peak is in /proc.
    """
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def ours(path: Path, lines: pl.Series, target: Path) -> Facts:
    """Our ingest, a year alone."""
    year = read_year(_only_member(path), YEAR, lines)
    year.kept.write_parquet(target)
    return _facts(year.kept)


def over_a_pipe(path: Path, lines: pl.Series, target: Path) -> Facts:
    """DuckDB reads the text from a pipe that isal fills."""
    reading, writing = os.pipe()

    def fill() -> None:
        with os.fdopen(writing, "wb", buffering=0) as handle:
            for piece in inflated(_only_member(path)):
                view = memoryview(piece)
                while view:
                    view = view[handle.write(view) or 0 :]

    thread = threading.Thread(target=fill)
    thread.start()
    connection = duckdb.connect()
    columns = "{'t': 'INTEGER', 'i': 'INTEGER', 'j': 'INTEGER', 'k': 'VARCHAR', 'v': 'VARCHAR', 'q': 'VARCHAR'}"
    listed = ", ".join(f"'{line}'" for line in lines)
    # Converted after the filter, which a view alone does not promise.
    connection.execute(
        f"""
        create temporary table kept as
        select * from read_csv('/dev/fd/{reading}', header = true, auto_detect = false, quote = '',
            delim = ',', columns = {columns})
        where k in ({listed})
        """
    )
    connection.execute(
        f"""
        copy (
            select t, i, j, k, cast(cast(trim(v) as decimal(20, 3)) * 1000 as bigint) as value_usd,
                cast(cast(nullif(trim(q), 'NA') as decimal(20, 3)) * 1000 as bigint) as quantity_kg
            from kept
        ) to '{target}' (format parquet)
        """
    )
    thread.join()
    os.close(reading)
    return _facts(pl.read_parquet(target))


def floor(path: Path, lines: pl.Series, _target: Path) -> Facts:
    """What inflating takes alone, and what parsing takes of CPU alone, one after the other."""
    member = _only_member(path)
    started, used = time.perf_counter(), time.process_time()
    for _ in inflated(member):
        pass
    inflate = time.perf_counter() - started, time.process_time() - used
    parse_cpu, rows = 0.0, 0
    for number, chunk in enumerate(whole_lines(inflated(member))):
        text = chunk if number else chunk.removeprefix(HEADER + b"\n")
        used = time.process_time()
        rows += parse(text, YEAR, lines).kept.height
        parse_cpu += time.process_time() - used
    return {
        "rows": rows,
        "inflate_wall": inflate[0],
        "inflate_cpu": inflate[1],
        "parse_cpu": parse_cpu,
    }


def _years(path: Path, lines: pl.Series, count: int) -> Facts:
    members = [(_only_member(path), YEAR)] * count
    years = read_years(members, lines, progress=_quiet)
    return _facts(pl.concat([year.kept for year in years]))


def few(path: Path, lines: pl.Series, _target: Path) -> Facts:
    """Five years, as we read them."""
    return _years(path, lines, FEW)


def few_in_one_thread(path: Path, lines: pl.Series, _target: Path) -> Facts:
    """The same five one after another, each inflated and parsed by one thread."""
    members = [_only_member(path)] * FEW
    return _facts(pl.concat([read_year(member, YEAR, lines, workers=1).kept for member in members]))


def many(path: Path, lines: pl.Series, _target: Path) -> Facts:
    """Thirty years: the whole of a release."""
    return _years(path, lines, MANY)


ROUTES: dict[str, Callable[[Path, pl.Series, Path], Facts]] = {
    "ours": ours,
    "duckdb": over_a_pipe,
    "floor": floor,
    "few": few,
    "few_in_one_thread": few_in_one_thread,
    "many": many,
}


def main(route: str, path: str, lines: str, target: str) -> None:
    """Go one route; print what it cost as JSON."""
    wanted = pl.Series(Path(lines).read_text(encoding="ascii").split())
    started, used = time.perf_counter(), time.process_time()
    facts = ROUTES[route](Path(path), wanted, Path(target))
    facts["wall"] = time.perf_counter() - started
    facts["cpu"] = time.process_time() - used
    facts["peak_mb"] = peak_mb()
    print(json.dumps(facts))


if __name__ == "__main__":
    main(*sys.argv[1:])
