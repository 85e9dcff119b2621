"""Views in schema `main` of what people ask first, `start_here` among them: `show tables` lists them.

`first_views.csv` has a row each: the view, the mart that it shows, the question, and a query to begin with.
"""

import csv
from pathlib import Path

import duckdb

from dagster_project.publishing.warehouse import quoted

FIRST = Path(__file__).with_suffix(".csv")
COLUMNS = ("step", "name", "question", "example")
COMMENT = (
    "What to ask first, and how. One row per view of schema main; all tables are in schema marts."
)


def create_first_views(connection: duckdb.DuckDBPyConnection) -> None:
    """A view of each mart that is in the current database, and `start_here` over them."""
    held = {
        name
        for (name,) in connection.execute(
            "select table_name from information_schema.tables "
            "where table_catalog = current_database() and table_schema = 'marts'"
        ).fetchall()
    }
    with FIRST.open(encoding="utf-8", newline="") as file:
        first = [row for row in csv.DictReader(file) if row["reads"] in held]
    if not first:
        return
    for row in first:
        connection.execute(f"create view main.{row['name']} as select * from marts.{row['reads']}")
        connection.execute(f"comment on view main.{row['name']} is {quoted(row['question'])}")
    lines = (
        f"({row['step']}, {', '.join(quoted(row[name]) for name in COLUMNS[1:])})" for row in first
    )
    connection.execute(
        f"create view main.start_here as from (values {', '.join(lines)}) as views ({', '.join(COLUMNS)})"
    )
    connection.execute(f"comment on view main.start_here is {quoted(COMMENT)}")
