"""One way to spoil a table, and how it is put into SQL."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import duckdb

from dagster_project.settings import Settings


@dataclass(frozen=True)
class Case:
    """One way to spoil tables, named for what is wrong afterwards.

    `touches` are the tables as `layer.name` or `lake/source/table`; `rebuilt` is the model that dbt then
    builds on what they became; `offends` the rows that a dbt test must then count, where it is known.
    """

    wrong: str
    touches: frozenset[str]
    change: Callable[[Settings, duckdb.DuckDBPyConnection], None]
    offends: int | None = None
    rebuilt: str = ""


def sql_case(
    wrong: str, table: str, *statements: str, offends: int | None = None, rebuilt: str = ""
) -> Case:
    """Statements on the warehouse, the first on `table`; then dbt builds `rebuilt` on what it became."""

    def execute(_: Settings, connection: duckdb.DuckDBPyConnection) -> None:
        _let_it_be_changed(connection, table)
        for statement in statements:
            (rows,) = connection.execute(statement).fetchall()[0]
            assert rows > 0, f"nothing was changed: {statement}"

    touched = {table, f"intermediate.{rebuilt}"} if rebuilt else {table}
    return Case(wrong, frozenset(touched), execute, offends, rebuilt)


def _let_it_be_changed(connection: duckdb.DuckDBPyConnection, table: str) -> None:
    """Put rows of a view in its place as a table; some are enough, and millions take seconds to write."""
    schema, name = table.split(".")
    views = "select count(*) from duckdb_views() where schema_name = ? and view_name = ?"
    if connection.execute(views, [schema, name]).fetchall() != [(0,)]:
        connection.execute(f"create table {table}_held as select * from {table} limit 50000")
        connection.execute(f"drop view {table}")
        connection.execute(f"alter table {table}_held rename to {name}")


def on_one_row(table: str, columns: Iterable[str], value: str, condition: str = "true") -> str:
    """Give the columns of the first row of which the condition holds this value."""
    assignments = ", ".join(f"{column} = {value}" for column in columns)
    row = f"(select min(rowid) from {table} where {condition})"
    return f"update {table} set {assignments} where rowid = {row}"


def row_case(wrong: str, table: str, column: str, value: str, condition: str) -> list[Case]:
    """One row of which the condition holds gets this value (an SQL expression), and offends."""
    change = on_one_row(table, [column], value, condition)
    return [sql_case(wrong, table, change, offends=1)]
