"""The baseline of `benchmarks.baci`: a year of BACI from its zip to filtered Parquet, as pandas users do it.

A program of its own, run in an environment of its own: pandas is no dependency of ours. It imports nothing
of the project. Arguments: the zip, a file with one HS6 a line, the Parquet file to write.
"""

import json
import sys
import time
import zipfile
from pathlib import Path

import pandas as pd  # pyright: ignore[reportMissingImports]


def peak_mb() -> float:
    """As in `baci_routes`; this program imports nothing of the project."""
    status = Path("/proc/self/status")
    if status.exists():
        [line] = [line for line in status.read_text().splitlines() if line.startswith("VmHWM")]
        return int(line.split()[1]) / 1024
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(path: str, lines: str, target: str) -> None:
    """Read, filter, convert and write; print what it cost as JSON."""
    wanted = Path(lines).read_text(encoding="ascii").split()
    started = time.perf_counter()
    with zipfile.ZipFile(path) as archive, archive.open(archive.namelist()[0]) as year:
        frame = pd.read_csv(year, dtype={"k": str}, na_values=["NA"], skipinitialspace=True)
    kept = frame[frame["k"].isin(wanted)]
    kept = kept.assign(value_usd=(kept["v"] * 1000).round().astype("int64"))
    kept.to_parquet(target, index=False)
    wall = time.perf_counter() - started
    cost = {
        "wall": wall,
        "cpu": time.process_time(),
        "peak_mb": peak_mb(),
        "rows": len(kept),
        "value_usd": int(kept["value_usd"].to_numpy().sum()),
    }
    print(json.dumps(cost))


if __name__ == "__main__":
    main(*sys.argv[1:])
