"""Read-only looks into the warehouse: which build it carries, how many rows, what a query says."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.settings import Settings, SettingsError, load_settings
from sources.reading.bucket import BucketPath

MAX_ROWS_SHOWN = 20
# As in dbt/profiles.yml and .env.example; a test holds them together. A refresh peaks at 1.2 GB; with 4 GB it peaked at 1.9, and was no faster.
MEMORY_LIMIT = "500MB"
# As there, too. Each thread needs memory of its own: with four a build needs more than that limit.
THREADS = "2"
# DuckDB 1.5.5 gives wrong rows with it, without an error: a window's first row behind a join, where some are null.
DISABLED_OPTIMIZERS = "top_n_window_elimination"


@dataclass(frozen=True)
class Relation:
    """A table or a view, with the statement that makes it."""

    name: str
    comment: str | None
    table_sql: str | None
    view_sql: str | None


def opened(path: str = ":memory:", *, read_only: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection as every one of ours is; the caller closes it."""
    connection = duckdb.connect(path, read_only=read_only)
    limit = os.environ.get("CHOKEPOINT_MEMORY_LIMIT") or MEMORY_LIMIT
    connection.execute(f"set memory_limit = {quoted(limit)}")
    connection.execute(f"set threads = {int(os.environ.get('CHOKEPOINT_THREADS') or THREADS)}")
    # One in memory would spill into the folder from which the command was called.
    spilled = load_settings().warehouse.with_name("tmp")
    connection.execute(f"set temp_directory = {quoted(str(spilled))}")
    connection.execute(f"set disabled_optimizers = '{DISABLED_OPTIMIZERS}'")
    reach_lake(connection)
    return connection


def reach_lake(connection: duckdb.DuckDBPyConnection) -> None:
    """Let a connection read a lake that lies in a bucket, by the extension httpfs; of a folder nothing is to be done.

    The extension itself takes key and region from the environment: no statement and no file of ours has them.

    Raises:
        SettingsError: the extension is not installed.
    """
    if not isinstance(load_settings().lake, BucketPath):
        return
    try:
        connection.execute(f"load {quoted(_httpfs())}")
    except duckdb.Error:
        raise SettingsError(
            "CHOKEPOINT_LAKE names a bucket, which DuckDB reads by its extension httpfs, and that is not installed\n"
            "  next: `uv sync --extra bucket`; or where it has no wheel `install httpfs` in DuckDB, once"
        ) from None
    if endpoint := os.environ.get("AWS_ENDPOINT_URL"):
        scheme, _, host = endpoint.rstrip("/").rpartition("://")
        connection.execute(f"set global s3_endpoint = {quoted(host)}")
        connection.execute(f"set global s3_use_ssl = {scheme != 'http'}")
        connection.execute("set global s3_url_style = 'path'")


def _httpfs() -> str:
    """Path of the extension as pip installed it; its name, by which DuckDB finds its own, where pip did not."""
    spec = find_spec("duckdb_extension_httpfs")
    folders = spec.submodule_search_locations or [] if spec else []
    found = [path for folder in folders for path in Path(folder).rglob("httpfs.duckdb_extension")]
    return str(found[0]) if found else "httpfs"


def opened_locked(path: str, settings: Mapping[str, Any]) -> duckdb.DuckDBPyConnection:
    """A read-only connection with these settings, which nobody can change afterwards; the caller closes it."""
    fixed = {"disabled_optimizers": DISABLED_OPTIMIZERS, "lock_configuration": True}
    return duckdb.connect(path, read_only=True, config={**settings, **fixed})


@contextmanager
def reading(settings: Settings) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection, closed at the end so that it never stands in dbt's way."""
    connection = opened(str(settings.warehouse), read_only=True)
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


def engine_of(connection: duckdb.DuckDBPyConnection) -> str:
    """Engines that built the models, as `record_build` wrote them: duckdb or spark."""
    found = connection.execute("select distinct engine from _build.node order by 1").fetchall()
    return " and ".join(engine for (engine,) in found)


def relations(
    connection: duckdb.DuckDBPyConnection, schema: str, database: str | None = None
) -> list[Relation]:
    """Tables and views of a schema of a database, else of the current one, by name."""
    if database is None:
        (database,) = connection.execute("select current_database()").fetchall()[0]
    found = connection.execute(
        "select table_name, comment, sql, null from duckdb_tables() "
        "where database_name = ? and schema_name = ? union all "
        "select view_name, comment, null, sql from duckdb_views() "
        "where database_name = ? and schema_name = ? order by 1",
        [database, schema, database, schema],
    ).fetchall()
    return [Relation(*row) for row in found]


def table_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """`schema.table` to its number of rows."""
    found = connection.execute(
        "select schema_name || '.' || table_name, estimated_size from duckdb_tables()"
    ).fetchall()
    return dict(found)


def quoted(text: str) -> str:
    """A text as SQL writes it."""
    return "'" + text.replace("'", "''") + "'"
