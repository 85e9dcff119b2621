"""Read-only looks into the warehouse: which build it carries, how many rows, what a query says."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import duckdb

from dagster_project.settings import Settings

MAX_ROWS_SHOWN = 20


@contextmanager
def reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection, closed at the end so that it never stands in dbt's way."""
    connection = duckdb.connect(str(settings.warehouse), read_only=True)
    try:
        yield connection
    finally:
        connection.close()


def rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[dict[str, Any]]:
    """Result of a query as dictionaries."""
    cursor = connection.execute(sql)
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]


def node_builds(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[str, str]]:
    """Dbt unique_id to (build_id, status), as dbt's `record_build` wrote it."""
    found = connection.execute("select unique_id, build_id, status from _build.node").fetchall()
    return {unique_id: (build_id, status) for unique_id, build_id, status in found}


def table_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """`schema.table` to its number of rows."""
    found = connection.execute(
        "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
    ).fetchall()
    return dict(found)
