"""A release is a folder: built beside, verified by reopening, renamed, and only then `current`.

Nothing that an analyst opens is ever written in place. Killed at any instant, `current` is the old
release or the new one, whole.
"""

import datetime as dt
import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

import duckdb

from dagster_project import audit
from dagster_project.digest import schema_digest
from dagster_project.faults import fault_point
from dagster_project.settings import PROJECT_ROOT, Settings
from dagster_project.warehouse import node_builds, reading, rows
from sources.contract import Sidecar, read_sidecar
from sources.files import sha256_of

DATABASE = "critical_minerals.duckdb"
# DuckDB 1.4, 1.5 and 2.0 open it, comments and macros included.
STORAGE_VERSION = "v1.0.0"
MARTS = "marts"
KEPT_RELEASES = 5
NEUTRAL_INPUT = "reference"


class PublishRefusedError(Exception):
    """The gate is shut; the text says why, and what to do. What is published stays as it is."""


class PublishFailedError(Exception):
    """The release could not be written, for instance on a full disk. What is published stays."""


@dataclass(frozen=True)
class ReleaseResult:
    """What publishing did. `is_new` is false where the content was published before."""

    release: str
    folder: Path
    is_new: bool
    content_digest: str
    build_id: str
    input: str
    tables: dict[str, int]


def lake_sidecars(settings: Settings) -> list[Sidecar]:
    """Sidecars of every lake table, sorted by path."""
    return [
        read_sidecar(settings.lake, path.parent.name, path.stem)
        for path in sorted(settings.lake.glob("*/*.json"))
    ]


def pass_gate(settings: Settings, nodes: Sequence[str], blocking: Sequence[str]) -> tuple[str, str]:
    """Build and input of the warehouse, once everything that guards a release agrees.

    Args:
        nodes: dbt unique ids that a whole build has.
        blocking: keys of every blocking check of the definitions.

    Raises:
        PublishRefusedError: no whole build, a mixture of builds or inputs, a check failed or not run.
    """
    if not settings.warehouse.exists():
        raise _refused("there is no warehouse yet", [])
    with reading(settings) as connection:
        try:
            builds = node_builds(connection)
        except duckdb.CatalogException as error:
            reason = str(error).splitlines()[0]
            raise _refused("the warehouse was not built by a refresh", [reason]) from None
    missing = [f"{node}: not built" for node in nodes if node not in builds]
    unbuilt = [
        f"{node}: {builds[node][1]}"
        for node in nodes
        if node in builds and builds[node][1] != "success"
    ]
    if missing or unbuilt:
        raise _refused("the warehouse does not hold the whole graph", missing + unbuilt)
    sidecars = lake_sidecars(settings)
    made_by = {builds[node][0] for node in nodes} | {sidecar.build_id for sidecar in sidecars}
    if len(made_by) != 1:
        raise _refused(
            "lake and warehouse hold parts of different builds",
            [
                f"{sidecar.source_id}/{sidecar.table}: build {sidecar.build_id}"
                for sidecar in sidecars
            ]
            + [f"{node}: build {builds[node][0]}" for node in nodes],
        )
    inputs = {sidecar.input for sidecar in sidecars} - {NEUTRAL_INPUT}
    if len(inputs) != 1:
        raise _refused("the lake mixes inputs", sorted(inputs))
    (build_id,) = made_by
    refusals = audit.refusals(settings.audit, build_id, list(blocking))
    if refusals:
        raise _refused(f"checks of build {build_id} failed or did not run", refusals)
    return build_id, inputs.pop()


def _refused(reason: str, details: Sequence[str]) -> PublishRefusedError:
    shown = [f"  - {detail}" for detail in details[:12]]
    if len(details) > len(shown):
        shown.append(f"  … and {len(details) - len(shown)} more")
    return PublishRefusedError(
        "\n".join(
            [
                f"not published: {reason}",
                *shown,
                "  next: run a whole refresh (`make refresh`, or the job `refresh` in the UI) and mend "
                "what it reports; the last release stays current",
            ]
        )
    )


def publish(settings: Settings, nodes: Sequence[str], blocking: Sequence[str]) -> ReleaseResult:
    """Publish the audited warehouse as a release, under the refresh lock.

    Raises:
        PublishRefusedError: see `pass_gate`; or the built file is not the one that was audited.
        PublishFailedError: the disk is full, or does not take the files; what is published stays.
    """
    build_id, input_name = pass_gate(settings, nodes, blocking)
    settings.published.mkdir(parents=True, exist_ok=True)
    _sweep(settings.published)
    with reading(settings) as connection:
        digest = schema_digest(connection, MARTS)
        tables = _row_counts(connection)
    published = _with_digest(settings.published, digest)
    if published is not None:
        _make_current(settings.published, published)
        return ReleaseResult(published.name, published, False, digest, build_id, input_name, tables)
    building = settings.published / f".building-{build_id}"
    building.mkdir()
    release = _next_release(settings.published)
    about = {
        "release": release,
        "built_at": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "build_id": build_id,
        "content_digest": digest,
        "input": input_name,
        "as_of": settings.as_of,
        "software_version": version("chokepoint"),
        "storage_version": STORAGE_VERSION,
        "tables": tables,
    }
    try:
        _build_release(settings, building, about)
    except (OSError, duckdb.Error) as error:
        # On a full disk the half of a release must not stay in the way of what would make room.
        shutil.rmtree(building, ignore_errors=True)
        raise PublishFailedError(
            f"not published: the release could not be written: {error}\n"
            f"  next: see that {settings.published} can be written and has room, and refresh again; "
            "the last release stays current"
        ) from None
    except PublishRefusedError:
        shutil.rmtree(building, ignore_errors=True)
        raise
    fault_point("before_rename")
    final = settings.published / release
    building.rename(final)
    _sync_folder(settings.published)
    fault_point("after_rename")
    _make_current(settings.published, final)
    fault_point("after_swap")
    _prune(settings.published)
    return ReleaseResult(release, final, True, digest, build_id, input_name, tables)


def _build_release(settings: Settings, building: Path, about: Mapping[str, Any]) -> None:
    """The whole folder, verified and on disk, but not yet in its place."""
    fault_point("before_database")
    _write_database(settings, building / DATABASE, about)
    fault_point("after_database")
    _write_companions(building, about, list(about["tables"]))
    _verify(building / DATABASE, about["content_digest"], about["tables"])
    fault_point("before_sync")
    _sync(building)


def _row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Rows of each mart, counted: DuckDB's `estimated_size` still counts deleted rows."""
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = ? order by table_name", [MARTS]
    ).fetchall()
    return {
        table: connection.execute(f"select count(*) from {MARTS}.{table}").fetchall()[0][0]
        for (table,) in tables
    }


def _write_database(settings: Settings, path: Path, about: Mapping[str, Any]) -> None:
    """Tables of `marts` with constraints and comments, macros, and the schema `_build`."""
    connection = duckdb.connect()
    try:
        connection.execute(f"set temp_directory = '{settings.warehouse.parent / 'tmp'}'")
        connection.execute(
            f"attach '{path}' as critical_minerals (storage_version '{STORAGE_VERSION}')"
        )
        connection.execute(f"attach '{settings.warehouse}' as warehouse (read_only)")
        connection.execute("use critical_minerals")
        connection.execute(f"create schema {MARTS}")
        for row in rows(
            connection,
            "select table_name, sql, comment from duckdb_tables() "
            f"where database_name = 'warehouse' and schema_name = '{MARTS}' order by table_name",
        ):
            name = row["table_name"]
            connection.execute(row["sql"])
            connection.execute(f"insert into {MARTS}.{name} select * from warehouse.{MARTS}.{name}")
            if row["comment"]:
                connection.execute(f"comment on table {MARTS}.{name} is {_quoted(row['comment'])}")
        for row in rows(
            connection,
            "select table_name, column_name, comment from duckdb_columns() "
            f"where database_name = 'warehouse' and schema_name = '{MARTS}' and comment is not null",
        ):
            connection.execute(
                f"comment on column {MARTS}.{row['table_name']}.{row['column_name']} "
                f"is {_quoted(row['comment'])}"
            )
        _write_build_schema(settings, connection, about)
        _create_macros(connection)
        connection.execute("use memory")
        connection.execute("checkpoint critical_minerals")
        connection.execute("detach critical_minerals")
    finally:
        connection.close()


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _write_build_schema(
    settings: Settings, connection: duckdb.DuckDBPyConnection, about: Mapping[str, Any]
) -> None:
    connection.execute("create schema _build")
    connection.execute(
        "create table _build.release as select ? as release, ? as built_at, ? as build_id, "
        "? as content_digest, ? as input, ? as as_of, ? as software_version",
        [
            about[key]
            for key in (
                "release",
                "built_at",
                "build_id",
                "content_digest",
                "input",
                "as_of",
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
    for sidecar in lake_sidecars(settings):
        for edition, input_digest in sidecar.editions.items():
            connection.execute(
                "insert into _build.lake_table values (?, ?, ?, ?, ?, ?, ?)",
                [
                    sidecar.source_id,
                    sidecar.table,
                    edition,
                    sidecar.input,
                    input_digest,
                    sidecar.content_digest,
                    sidecar.rows,
                ],
            )
    connection.execute(
        "create table _build.check_result (check_key varchar, passed boolean, severity varchar, "
        "summary varchar)"
    )
    connection.execute(
        "comment on table _build.check_result is 'Every check that guarded this release. One row each.'"
    )
    for result in audit.read(settings.audit, about["build_id"]):
        connection.execute(
            "insert into _build.check_result values (?, ?, ?, ?)",
            [result.key, result.passed, result.severity, result.summary],
        )
    connection.execute(
        f"create table _build.licence as select source_id, publisher, title, licence_title, "
        f"licence_url, credit_line, is_redistributable from {MARTS}.dim_source"
    )
    connection.execute(
        "comment on table _build.licence is 'Terms and credit line of each source. One row a source.'"
    )


def _create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Table macros of dbt/published_macros, one file each; the file's first line is its comment."""
    for path in sorted((PROJECT_ROOT / "dbt" / "published_macros").glob("*.sql")):
        text = path.read_text(encoding="utf-8")
        connection.execute(text)
        comment = text.splitlines()[0].removeprefix("--").strip()
        connection.execute(f"comment on macro table {MARTS}.{path.stem} is {_quoted(comment)}")


def _write_companions(building: Path, about: Mapping[str, Any], tables: Sequence[str]) -> None:
    """Parquet per mart, `release.json`, `CREDITS.md` and checksums, all read from the built file."""
    parquet = building / "parquet"
    parquet.mkdir()
    connection = duckdb.connect(str(building / DATABASE), read_only=True)
    try:
        for table in tables:
            connection.execute(
                f"copy {MARTS}.{table} to '{parquet / table}.parquet' (format parquet, compression zstd)"
            )
        licences = rows(connection, "select * from _build.licence order by source_id")
    finally:
        connection.close()
    (building / "release.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    lines = ["# Credits", "", "Print the credit line with any figure taken from this release.", ""]
    lines += [
        f"- **{row['title']}** ({row['publisher']}). {row['credit_line']}. "
        f"Licence: [{row['licence_title']}]({row['licence_url']})."
        for row in licences
    ]
    (building / "CREDITS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    files = sorted(path for path in building.rglob("*") if path.is_file())
    sums = [f"{sha256_of(path)}  {path.relative_to(building)}" for path in files]
    (building / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")


def _verify(database: Path, digest: str, tables: Mapping[str, int]) -> None:
    """The file opens read-only, is complete, documented, and holds what was audited.

    Raises:
        PublishRefusedError: it is not.
    """
    connection = duckdb.connect(str(database), read_only=True)
    try:
        got = schema_digest(connection, MARTS)
        faults = [] if got == digest else [f"content digest {got} is not the audited {digest}"]
        for table, expected in tables.items():
            (count,) = connection.execute(f"select count(*) from {MARTS}.{table}").fetchall()[0]
            if count != expected:
                faults.append(f"{table}: {count} rows, audited {expected}")
        faults += [
            f"{row['name']}: no description"
            for row in rows(
                connection,
                "select table_name as name from duckdb_tables() "
                f"where schema_name = '{MARTS}' and comment is null union all "
                "select table_name || '.' || column_name from duckdb_columns() "
                f"where schema_name = '{MARTS}' and comment is null",
            )
        ]
    finally:
        connection.close()
    if faults:
        raise _refused("the built file is not the one that was audited", faults)


def _next_release(published: Path) -> str:
    today = dt.datetime.now(dt.UTC).date()
    prefix = f"{today.year}.{today.month}."
    taken = [
        int(path.name.removeprefix(prefix))
        for path in published.glob(f"{prefix}*")
        if path.name.removeprefix(prefix).isdigit()
    ]
    return f"{prefix}{max(taken, default=0) + 1}"


def releases(published: Path) -> list[Path]:
    """Folders of finished releases, oldest first."""
    found = [
        path for path in published.glob("[0-9]*.[0-9]*.[0-9]*") if (path / "release.json").exists()
    ]
    return sorted(found, key=lambda path: [int(part) for part in path.name.split(".")])


def current_release(published: Path) -> dict[str, Any] | None:
    """`release.json` of what `current` points to; None where nothing is published."""
    path = published / "current" / "release.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def _with_digest(published: Path, digest: str) -> Path | None:
    for folder in reversed(releases(published)):
        about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
        if about["content_digest"] == digest:
            return folder
    return None


def _make_current(published: Path, folder: Path) -> None:
    link = published / "current"
    if link.is_symlink() and str(link.readlink()) == folder.name:
        return
    beside = published / f".current-{os.getpid()}"
    beside.unlink(missing_ok=True)
    beside.symlink_to(folder.name)
    fault_point("before_swap")
    beside.replace(link)
    _sync_folder(published)


def _sync(folder: Path) -> None:
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        _sync_folder(path)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _sweep(published: Path) -> None:
    """Remove what a killed publish left behind; called under the lock, so nobody is at work in it."""
    for path in published.glob(".*"):
        if path.is_symlink() or path.is_file():
            path.unlink()
        else:
            shutil.rmtree(path)


def _prune(published: Path) -> None:
    """Keep the last releases; one is renamed out of sight before it is deleted."""
    current = (published / "current").resolve()
    old = [folder for folder in releases(published)[:-KEPT_RELEASES] if folder.resolve() != current]
    for folder in old:
        hidden = published / f".trash-{folder.name}"
        folder.rename(hidden)
        fault_point("during_prune")
        shutil.rmtree(hidden)
