"""`make bench`: run every benchmark and print its table."""

from rich.console import Console
from rich.table import Table

from benchmarks import refresh


def main() -> None:
    """Run the benchmarks one after another; a run that fails ends them with its output."""
    table = Table("figure", "value", "how", title="refresh", title_justify="left")
    with Console(stderr=True).status("starting") as status:
        for line in refresh.measure(status.update):
            table.add_row(line.figure, line.value, line.how)
    Console().print(table)


if __name__ == "__main__":
    main()
