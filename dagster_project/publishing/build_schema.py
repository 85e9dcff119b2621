"""The schema `_build` of a release: which it is, the bytes behind it, its checks, and terms of use."""

from collections.abc import Mapping, Sequence
from typing import Any

import duckdb

from dagster_project.publishing import audit
from dagster_project.publishing.gate import lake_sidecars
from dagster_project.publishing.warehouse import quoted
from dagster_project.settings import Settings


def write_build_schema(
    settings: Settings, connection: duckdb.DuckDBPyConnection, about: Mapping[str, Any]
) -> None:
    """Write the schema into the open file."""
    connection.execute("create schema _build")
    connection.execute(
        "create table _build.release as select ? as release, ? as built_at, ? as build_id, "
        "? as content_digest, ? as input, ? as as_of, ? as restricted_sources, ? as software_version",
        [
            about[key]
            for key in (
                "release",
                "built_at",
                "build_id",
                "content_digest",
                "input",
                "as_of",
                "restricted_sources",
                "software_version",
            )
        ],
    )
    connection.execute("comment on table _build.release is 'The release this file is. One row.'")
    connection.execute(
        "create table _build.lake_table (source_id varchar, table_name varchar, edition varchar, "
        "input varchar, input_digest varchar, content_digest varchar, row_count bigint)"
    )
    connection.execute(
        "comment on table _build.lake_table is "
        "'Bytes behind the release. One row per lake table and edition.'"
    )
    tables = [
        (
            sidecar.source_id,
            sidecar.table,
            edition,
            sidecar.input,
            input_digest,
            sidecar.content_digest,
            sidecar.rows,
        )
        for sidecar in lake_sidecars(settings)
        for edition, input_digest in sidecar.editions.items()
    ]
    _insert(connection, "_build.lake_table", tables)
    connection.execute(
        "create table _build.check_result (check_key varchar, passed boolean, severity varchar, "
        "summary varchar)"
    )
    connection.execute(
        "comment on table _build.check_result is 'Every check that guarded this release. One row each.'"
    )
    results = audit.read(settings.audit, about["build_id"])
    _insert(
        connection,
        "_build.check_result",
        [(result.key, result.passed, result.severity, result.summary) for result in results],
    )
    connection.execute(
        "create table _build.licence as select source_id, publisher, title, licence_title, "
        "licence_url, credit_line, is_redistributable from marts.dim_source"
    )
    connection.execute(
        "comment on table _build.licence is 'Terms and credit line of each source. One row a source.'"
    )


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, values: Sequence[Sequence[str | int]]
) -> None:
    """One statement for all rows: DuckDB looks for pandas anew at each value that is bound (0.2 ms)."""
    if values:
        lines = (
            ", ".join(quoted(value) if isinstance(value, str) else str(value) for value in row)
            for row in values
        )
        connection.execute(f"insert into {table} values ({'), ('.join(lines)})")
