"""What a year of BACI costs from its zip to filtered Parquet: ours, DuckDB, pandas, and the floor.

The year is made up at its real size (`baci_files.py`). Every route runs in a process of its own, on two
cores where the system can do that, several times in turn with the others; the best of each counts, since
whatever else a machine does only adds. All routes must keep the same rows and the same value.

**Floor** = max(wall clock of inflating, (CPU of inflating + CPU of parsing) / cores), both
measured alone, parsing with our own parser on one thread: what no order of the same work can beat.

**Several years** are the same member again and again: five as we read them against five by one thread after
another, and thirty. A large year fills both cores alone, so reading two at once gained nothing over that.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from benchmarks import baci_files
from benchmarks.baci_routes import FEW, MANY, YEAR
from benchmarks.environments import python_with
from benchmarks.refresh import CORES, ROOT, BenchmarkError, Line, pin

REPEATS = 3
REPEATS_OF_FEW = 1
TARGETS = {"pandas": 4.5, "floor": 0.85, "one_thread": 1.15, "year_mb": 300, "many_mb": 500}
# A throwaway environment: what we compare with is no dependency of ours.
PANDAS = ("pandas>=2.3,<4", "pyarrow>=26")
TIMEOUT_SECONDS = 900
Facts = dict[str, Any]


def measure(progress: Callable[[str], None]) -> Iterator[Line]:
    """Measure, and yield each line once it is known.

    Raises:
        BenchmarkError: a route failed, or kept other rows than the others.
    """
    cores = pin()
    with tempfile.TemporaryDirectory(prefix="chokepoint-bench-") as name:
        folder = Path(name)
        progress("making a year of 11 million rows")
        baci_files.write_year(folder / "year.zip", YEAR)
        (folder / "lines.txt").write_text("\n".join(baci_files.ours()), encoding="ascii")
        pandas, why_not = python_with(PANDAS, "pandas", progress)
        best = _alone(folder, progress, pandas)
        yield from _year_lines(best, cores, why_not)
        for number in range(1, REPEATS_OF_FEW + 1):
            for route in ("few", "few_in_one_thread"):
                progress(f"{FEW} years: {route}, {number} of {REPEATS_OF_FEW}")
                _keep_best(best, route, _run(folder, route))
        progress(f"{MANY} years")
        best["many"] = _run(folder, "many")
        yield from _lines_of_many(best)


def _alone(folder: Path, progress: Callable[[str], None], pandas: Path | None) -> dict[str, Facts]:
    """Best run of each route for one year."""
    best: dict[str, Facts] = {}
    routes = ["ours", "duckdb", "floor", *(["pandas"] if pandas else [])]
    for number in range(1, REPEATS + 1):
        for route in routes:
            progress(f"one year: {route}, {number} of {REPEATS}")
            _keep_best(best, route, _run(folder, route, pandas))
    kept = {route: (best[route]["rows"], best[route].get("value_usd")) for route in routes}
    whole = {route: facts for route, facts in kept.items() if route != "floor"}
    if len(set(whole.values())) != 1 or kept["floor"][0] != kept["ours"][0]:
        raise BenchmarkError(f"the routes keep other rows: {kept}")
    return best


def _keep_best(best: dict[str, Facts], route: str, facts: Facts) -> None:
    known = best.get(route, facts)
    lower = {name: min(known[name], value) for name, value in facts.items() if name != "peak_mb"}
    best[route] = {**lower, "peak_mb": max(known["peak_mb"], facts["peak_mb"])}


def _run(folder: Path, route: str, pandas: Path | None = None) -> Facts:
    files = [str(folder / name) for name in ("year.zip", "lines.txt", "kept.parquet")]
    command = [sys.executable, "-m", "benchmarks.baci_routes", route, *files]
    environment = dict(os.environ)
    if route == "floor":
        # Threads that wait for one another spin, and what they spin is no work.
        environment["POLARS_MAX_THREADS"] = "1"
    if route == "pandas":
        command = [str(pandas), str(ROOT / "benchmarks" / "baci_pandas.py"), *files]
    result = subprocess.run(
        command,
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SECONDS,
        check=False,
    )
    if result.returncode != 0:
        raise BenchmarkError(f"{' '.join(command)} ended with {result.returncode}\n{result.stderr}")
    return json.loads(result.stdout)


def _judged(value: float, target: float, unit: str = "", *, at_most: bool = False) -> str:
    is_met = value <= target if at_most else value >= target
    bound = "at most" if at_most else "at least"
    return f"target {bound} {target:g}{unit}: {'met' if is_met else 'missed'}"


def _year_lines(best: dict[str, Facts], cores: int, why_not: str) -> Iterator[Line]:
    ours, alone = best["ours"], best["floor"]
    floor = max(alone["inflate_wall"], (alone["inflate_cpu"] + alone["parse_cpu"]) / CORES)
    yield Line(
        "a year of BACI to filtered Parquet",
        f"{ours['wall']:.2f} s",
        f"{baci_files.ROWS / 1e6:.0f} million rows, {ours['rows']:,} kept; best of {REPEATS} on {cores} cores, "
        f"CPU {ours['cpu']:.2f} s",
    )
    yield Line(
        "peak memory of it",
        f"{ours['peak_mb']:.0f} MB",
        _judged(ours["peak_mb"], TARGETS["year_mb"], " MB", at_most=True),
    )
    yield Line(
        "floor / ours",
        f"{floor / ours['wall']:.0%}",
        f"floor {floor:.2f} s: inflating {alone['inflate_wall']:.2f} s, parsing {alone['parse_cpu']:.2f} s of CPU; "
        + _judged(floor / ours["wall"], TARGETS["floor"]),
    )
    for route, how in (("duckdb", "over a pipe, inflated by isal"), ("pandas", "read_csv")):
        if route not in best:
            yield Line(f"{route} / ours", "left out", why_not)
            continue
        ratio = best[route]["wall"] / ours["wall"]
        judged = f"; {_judged(ratio, TARGETS[route])}" if route in TARGETS else ""
        yield Line(
            f"{route} / ours",
            f"{ratio:.1f}",
            f"{best[route]['wall']:.2f} s and {best[route]['peak_mb']:,.0f} MB, {how}{judged}",
        )


def _lines_of_many(best: dict[str, Facts]) -> Iterator[Line]:
    few, serial, many = (best[name] for name in ("few", "few_in_one_thread", "many"))
    ratio = serial["wall"] / few["wall"]
    yield Line(
        f"{FEW} years by one thread / ours",
        f"{ratio:.2f}",
        f"{serial['wall']:.1f} s against {few['wall']:.1f} s, {few['peak_mb']:.0f} MB; "
        + _judged(ratio, TARGETS["one_thread"]),
    )
    linear = many["wall"] / MANY / (few["wall"] / FEW)
    yield Line(
        f"a year of {MANY} / a year of {FEW}",
        f"{linear:.2f}",
        f"{many['wall']:.0f} s, once; {baci_files.ROWS * MANY / 1e6:.0f} million rows",
    )
    yield Line(
        f"peak memory of {MANY} years",
        f"{many['peak_mb']:.0f} MB",
        _judged(many["peak_mb"], TARGETS["many_mb"], " MB", at_most=True),
    )
