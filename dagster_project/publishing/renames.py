"""Public names that the last release had and this one has not: `renames.csv`, old to new.

One list for the comparison of two releases, the views under the old names, and the page for analysts. A row
without values renames a column; a row with values renames one value of a column.
"""

import csv
from dataclasses import dataclass, field
from pathlib import Path

from dagster_project.publishing.warehouse import quoted

RENAMES = Path(__file__).with_suffix(".csv")


@dataclass
class Renames:
    """What a mart of the last release is called today: itself, its columns, and values of its columns."""

    mart: str
    columns: dict[str, str] = field(default_factory=dict[str, str])
    values: dict[str, dict[str, str]] = field(default_factory=dict[str, dict[str, str]])


def read_renames(path: Path = RENAMES) -> dict[str, Renames]:
    """Old mart to what changed its name; marts that kept all names are not in it."""
    found: dict[str, Renames] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            renames = found.setdefault(row["old_mart"], Renames(row["new_mart"]))
            renames.columns[row["old_column"]] = row["new_column"]
            if row["old_value"]:
                values = renames.values.setdefault(row["old_column"], {})
                values[row["old_value"]] = row["new_value"]
    return found


def case_of(expression: str, values: dict[str, str]) -> str:
    """SQL of a column whose values get other names; the expression itself where none do."""
    if not values:
        return expression
    cases = " ".join(
        f"when {quoted(value)} then {quoted(other)}" for value, other in values.items()
    )
    return f"case {expression} {cases} else {expression} end"
