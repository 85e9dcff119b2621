"""Public names that the last release had and this one has not: `renames.csv`, old to new.

One list for the comparison of two releases, the views under the old names, and the page for analysts. A row
without values renames a column; a row with values renames one value of a column.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from dagster_project.publishing.warehouse import quoted

OLD_NAMES = "marts_v1"
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


def case_of(expression: str, values: Mapping[str, str]) -> str:
    """SQL of a column whose values get other names; the expression itself where none do."""
    if not values:
        return expression
    cases = " ".join(
        f"when {quoted(value)} then {quoted(other)}" for value, other in values.items()
    )
    return f"case {expression} {cases} else {expression} end"


def create_old_views(connection: duckdb.DuckDBPyConnection, renames: Mapping[str, Renames]) -> None:
    """Views of all marts of the current database in schema `marts_v1`, under the names of the last release.

    Queries written for it run there for one release more; columns that are new stand in them too.
    """
    connection.execute(f"create schema {OLD_NAMES}")
    old_marts = {found.mart: old for old, found in renames.items()}
    columns = connection.execute(
        "select table_name, column_name from duckdb_columns() where database_name = current_database() "
        "and schema_name = 'marts' order by table_name, column_index"
    ).fetchall()
    by_mart: dict[str, list[str]] = {}
    for mart, name in columns:
        by_mart.setdefault(mart, []).append(name)
    for mart, names in by_mart.items():
        old = old_marts.get(mart, mart)
        found = renames.get(old, Renames(mart))
        old_columns = {new: column for column, new in found.columns.items()}
        selected: list[str] = []
        for name in names:
            column = old_columns.get(name, name)
            values = {new: value for value, new in found.values.get(column, {}).items()}
            selected.append(f"{case_of(name, values)} as {column}")
        connection.execute(
            f"create view {OLD_NAMES}.{old} as select {', '.join(selected)} from marts.{mart}"
        )
        comment = f"Names of the last release for marts.{mart}; gone with the next."
        connection.execute(f"comment on view {OLD_NAMES}.{old} is {quoted(comment)}")
