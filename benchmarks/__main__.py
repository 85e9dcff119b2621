"""`make bench`: run every benchmark and print its table; `python -m benchmarks baci` runs one."""

import sys
import time

from rich.console import Console
from rich.table import Table

from benchmarks import baci, geopolrisk, lookup, reconciliation, refresh, scale
from benchmarks.refresh import BenchmarkError

BENCHMARKS = {
    "refresh": refresh.measure,
    "baci": baci.measure,
    "lookup": lookup.measure,
    "geopolrisk": geopolrisk.measure,
    "reconciliation": reconciliation.measure,
}
# What takes an hour and tens of gigabytes: only where it is named.
NAMED = {"scale": scale.measure}


def main(names: list[str]) -> None:
    """Run the benchmarks named, or all, one after another; of one that fails the reason, and the others go on."""
    failed = False
    known = {**BENCHMARKS, **NAMED}
    if unknown := set(names) - known.keys():
        sys.exit(f"No such benchmark: {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    for name in names or BENCHMARKS:
        started = time.monotonic()
        table = Table("figure", "value", "how", title=name, title_justify="left")
        with Console(stderr=True).status("starting") as status:
            try:
                for line in known[name](status.update):
                    table.add_row(line.figure, line.value, line.how)
            except BenchmarkError as error:
                failed = True
                table.add_row(name, "failed", str(error))
        table.caption = f"{name} took {time.monotonic() - started:.0f} s"
        Console().print(table)
    if failed:
        sys.exit(1)


if __name__ == "__main__":
    main(sys.argv[1:])
