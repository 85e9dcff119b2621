"""Gold, added to a copy of the repo with the rows of docs/how-to/add-a-mineral.md: steps 2 and 3."""

import csv
from pathlib import Path

from tests.pages import BLOCKS

MINERALS = Path("sources/reference/minerals.csv")
SERIES = Path("sources/usgs_mcs/mappings/world_series.csv")
# The mineral's row; a row of its series before and after.
MINERAL, BEFORE, AFTER = [
    block.text
    for block in BLOCKS
    if block.path.name == "add-a-mineral.md" and block.language == "csv"
]
# The publisher's names of gold, by edition.
LABELS = {"gold", "Gold"}
# Its cells in the row that the page shows: mineral, stage, form, basis, no reason.
MEANING = dict(
    zip(
        ["mineral_id", "stage", "form", "basis", "not_used_reason"],
        AFTER.split(",")[-5:],
        strict=True,
    )
)


def add_gold(copy: Path) -> None:
    """The mineral's row and its series, and nothing else."""
    _add_mineral(copy / MINERALS)
    # Four editions, production and reserves.
    assert _map_gold(copy / SERIES) == 8


def _add_mineral(path: Path) -> None:
    """The row, in the order of ids."""
    heading, *rows = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join([heading, *sorted([*rows, MINERAL])])
    path.write_text(f"{text}\n", encoding="utf-8")


def _map_gold(path: Path) -> int:
    """Fill the cells of gold's rows; returns how many rows."""
    assert BEFORE in path.read_text(encoding="utf-8").splitlines(), "the page shows a row as it is"
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or []), list(reader)
    gold = [row for row in rows if row["published_commodity"] in LABELS]
    for row in gold:
        row.update(MEANING)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert AFTER in path.read_text(encoding="utf-8").splitlines(), "and as it becomes"
    return len(gold)
