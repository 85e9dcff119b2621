"""What a release folder holds: the database, its companions, and the proof that both are what was audited."""

import json
import re
from collections.abc import Mapping, Sequence, Set
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.citation import write_citation
from dagster_project.publishing.artifacts.columns import mart_columns
from dagster_project.publishing.artifacts.croissant import write_croissant
from dagster_project.publishing.artifacts.data_package import write_data_package
from dagster_project.publishing.artifacts.dictionary import write_dictionary
from dagster_project.publishing.artifacts.methods import write_methods
from dagster_project.publishing.artifacts.release_notes import write_notes
from dagster_project.publishing.atlas.build import MARTS_DRAWN, write_atlas
from dagster_project.publishing.build_schema import write_build_schema
from dagster_project.publishing.digest import schema_content
from dagster_project.publishing.first_views import FIRST, create_first_views
from dagster_project.publishing.gate import refused
from dagster_project.publishing.parquet import write_parquet
from dagster_project.publishing.releases import DATABASE
from dagster_project.publishing.renames import RENAMES, create_old_views, read_renames
from dagster_project.publishing.warehouse import (
    DISABLED_OPTIMIZERS,
    opened,
    quoted,
    relations,
    rows,
)
from dagster_project.settings import PROJECT_ROOT, Settings
from sources.reading.files import sha256_of

# DuckDB 1.4, 1.5 and 2.0 open it, comments and macros included.
STORAGE_VERSION = "v1.2.0"
# Over HTTP a reader fetches whole blocks: first those that list all groups of rows, then those of each group in which a
# row could be. So groups are few, but small in tables of which a lookup wants a few rows.
BLOCK_SIZE = 65_536
ROW_GROUP = 61_440
SMALL_ROW_GROUP = 4_096
IN_SMALL_GROUPS = {
    "int_trade__importer_years",
    "int_trade__missing_imports",
    "int_trade__series_conflicts",
    "mart_import_evidence",
}
MARTS = "marts"
STORED = "_stored"
LOOKED_UP = "mart_import_dependency"


def write_database(settings: Settings, path: Path, about: Mapping[str, Any]) -> None:
    """Tables of `marts` with constraints and comments, macros, views to start with, the old names, `_build`."""
    connection = opened()
    try:
        # One thread that writes group after group puts the columns of a group side by side.
        connection.execute("set threads = 1")
        connection.execute("set write_buffer_row_group_count = 1")
        _begin(connection, path, ROW_GROUP)
        # Under the name that it has for dbt: the bodies of its views say it.
        warehouse = settings.warehouse.stem
        connection.execute(f"attach {quoted(str(settings.warehouse))} as {warehouse} (read_only)")
        connection.execute(f"create schema {MARTS}")
        fillings: dict[str, str] = {}
        marts = relations(connection, MARTS, warehouse)
        columns = mart_columns(connection, warehouse)
        for mart in marts:
            if mart.table_sql is not None:
                connection.execute(mart.table_sql)
                order = _clustering_columns(
                    {column.name for column in columns[mart.name]}, "importer_id"
                )
                fillings[f"{MARTS}.{mart.name}"] = (
                    f"select * from {warehouse}.{MARTS}.{mart.name} {order}"
                )
        views = {mart.name: mart.view_sql for mart in marts if mart.view_sql is not None}
        fillings |= _create_views(connection, warehouse, views)
        _fill(connection, fillings, is_small=False)
        for mart in marts:
            if mart.comment:
                kind = "view" if mart.name in views else "table"
                connection.execute(
                    f"comment on {kind} {MARTS}.{mart.name} is {quoted(mart.comment)}"
                )
        for row in rows(
            connection,
            "select table_name, column_name, comment from duckdb_columns() "
            f"where database_name = '{warehouse}' and schema_name = '{MARTS}' and comment is not null",
        ):
            connection.execute(
                f"comment on column {MARTS}.{row['table_name']}.{row['column_name']} "
                f"is {quoted(row['comment'])}"
            )
        write_build_schema(settings, connection, about)
        _create_macros(connection)
        create_first_views(connection)
        create_old_views(connection, read_renames())
        _end(connection)
        _begin(connection, path, SMALL_ROW_GROUP)
        _fill(connection, fillings, is_small=True)
        _end(connection)
    finally:
        connection.close()


def _begin(connection: duckdb.DuckDBPyConnection, path: Path, row_group: int) -> None:
    """Open the file to write tables in groups of so many rows."""
    layout = (
        f"storage_version '{STORAGE_VERSION}', block_size {BLOCK_SIZE}, row_group_size {row_group}"
    )
    connection.execute(f"attach {quoted(str(path))} as critical_minerals ({layout})")
    connection.execute("use critical_minerals")
    # One commit instead of hundreds: a publish takes half the time.
    connection.execute("begin transaction")


def _end(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute("commit")
    connection.execute("use memory")
    connection.execute("checkpoint critical_minerals")
    connection.execute("detach critical_minerals")


def _fill(
    connection: duckdb.DuckDBPyConnection, fillings: Mapping[str, str], *, is_small: bool
) -> None:
    for table, query in fillings.items():
        if (table.partition(".")[2] in IN_SMALL_GROUPS) == is_small:
            connection.execute(f"insert into {table} {query}")


def _clustering_columns(columns: Set[str], importer: str) -> str:
    """The order in which rows of one mineral and importer lie together, where a table has both."""
    return f"order by mineral_id, {importer}" if columns >= {"mineral_id", importer} else ""


def _create_views(
    connection: duckdb.DuckDBPyConnection, warehouse: str, views: Mapping[str, str]
) -> dict[str, str]:
    """Marts that are views, over copies of what they read: of each table the columns that a view needs.

    The copies are empty; what is returned are the queries that fill them.
    """
    connection.execute(f"create schema {STORED}")
    needed: dict[str, set[str]] = {}
    # Figures in an empty table would prove to the optimizer that other columns are not read.
    connection.execute("set disabled_optimizers = 'statistics_propagation, empty_result_pullup'")
    for name in views:
        plan = f"explain (format json) select * from {warehouse}.{MARTS}.{name}"
        _note_scans(json.loads(connection.execute(plan).fetchall()[0][1]), needed)
    connection.execute(f"set disabled_optimizers = '{DISABLED_OPTIMIZERS}'")
    comment = "Read by views of marts, and by nobody else: its names and columns may change."
    fillings = {}
    for table, columns in sorted(needed.items()):
        if not table.startswith(f"{warehouse}.{MARTS}."):
            copy = f"{STORED}.{table.rpartition('.')[2]}"
            kept = ", ".join(sorted(columns))
            # What is looked up by mineral and importer lies together: over HTTP few blocks are read.
            order = _clustering_columns(columns, "importer_number")
            fillings[copy] = f"select {kept} from {table} {order}"
            connection.execute(f"create table {copy} as {fillings[copy]} limit 0")
            connection.execute(f"comment on table {copy} is {quoted(comment)}")
    for name, sql in views.items():
        local = re.sub(rf"\b{warehouse}\.(?!{MARTS})\w+\.", f"{STORED}.", sql)
        local = local.replace(f"{warehouse}.{MARTS}.", f"{MARTS}.")
        connection.execute(local)
        if name == LOOKED_UP:
            _create_lookup(connection, name, local.partition(" AS ")[2].rstrip(";"))
    return fillings


def _create_lookup(connection: duckdb.DuckDBPyConnection, mart: str, query: str) -> None:
    """A macro of the mart's rows of one mineral, and of one importer and year or, with a null, of all.

    Macros of an analyst join the mart with what they were asked. DuckDB does not carry a join into a view, and
    would compute all of it: here the question stands at the tables.
    """
    asked = {
        "mineral_id": "mineral_id = asked_mineral",
        "reference_year": "(asked_year is null or reference_year = asked_year)",
        "importer_number": f"importer_number in (select party_number from {STORED}.int_trade__parties "
        "where asked_importer is null or party_id = asked_importer)",
    }
    columns: dict[str, list[str]] = {}
    for table, column in connection.execute(
        "select table_name, column_name from duckdb_columns() "
        "where database_name = current_database() and schema_name = ?",
        [STORED],
    ).fetchall():
        columns.setdefault(table, []).append(column)
    for table, held in columns.items():
        if conditions := [condition for column, condition in asked.items() if column in held]:
            rows_asked = f"(select * from {STORED}.{table} where {' and '.join(conditions)})"
            query = re.sub(rf"\b{STORED}\.{table}\b", rows_asked, query)
    # As in the macros of `marts`: an attached file's macro is bound in the catalog of who calls it.
    query = re.sub(rf"(?<![.\w])({STORED}|{MARTS})\.", r"critical_minerals.\1.", query)
    macro = f"{STORED}.{mart}_of"
    arguments = "asked_importer, asked_mineral, asked_year := null"
    connection.execute(f"create macro {macro}({arguments}) as table {query}")
    comment = (
        f"Rows of {MARTS}.{mart} of a mineral, and of an importer and a year; a null is all. "
        f"For macros of {MARTS}."
    )
    connection.execute(f"comment on macro table {macro} is {quoted(comment)}")


def _note_scans(nodes: Sequence[Mapping[str, Any]], needed: dict[str, set[str]]) -> None:
    """Add the tables that a plan reads, and the columns it reads of them."""
    for node in nodes:
        scan = node["extra_info"]
        if "Table" in scan:
            read = scan.get("Projections", [])
            needed.setdefault(scan["Table"], set()).update(
                [read] if isinstance(read, str) else read
            )
        _note_scans(node["children"], needed)


def texts_of_release() -> list[Path]:
    """Files whose text a release holds beside its tables: macros, first views with their examples, old names."""
    return [*_macro_files(), FIRST, RENAMES]


def _macro_files() -> list[Path]:
    return sorted((PROJECT_ROOT / "dbt" / "published_macros").glob("*.sql"))


def _create_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Macros of dbt/published_macros, one file each; the file's first line is its comment.

    Those that give a table stand in schema main too, beside the first views: `from dependency(…)` needs no schema.
    """
    texts = {path.stem: path.read_text(encoding="utf-8") for path in _macro_files()}
    # A macro binds when it is made: those that it calls come first.
    calls = {
        name: {other for other in texts if other != name and f"{MARTS}.{other}(" in text}
        for name, text in texts.items()
    }
    for name in TopologicalSorter(calls).static_order():
        text = texts[name]
        gives_table = ") as table\n" in text
        kind = "macro table" if gives_table else "macro"
        comment = text.splitlines()[0].removeprefix("--").strip()
        for schema in (MARTS, "main") if gives_table else (MARTS,):
            connection.execute(text.replace(f".{MARTS}.{name}(", f".{schema}.{name}(", 1))
            connection.execute(f"comment on {kind} {schema}.{name} is {quoted(comment)}")


def write_companions(
    building: Path, about: Mapping[str, Any], tables: Sequence[str], previous: Path | None
) -> None:
    """What lies beside the database, all read from the built file; checksums last.

    Args:
        building: the release's folder, with the database in it.
        about: goes into `release.json`.
        tables: names of the marts.
        previous: folder of the release that was current until now, for the notes.
    """
    parquet = building / "parquet"
    parquet.mkdir()
    database = building / DATABASE
    connection = opened(str(database), read_only=True)
    try:
        write_parquet(connection, parquet, about, tables)
        licences = rows(connection, "select * from _build.licence order by source_id")
        digests = {
            str(path.relative_to(building)): sha256_of(path)
            for path in (database, *sorted(parquet.iterdir()))
        }
        write_data_package(connection, building, about, digests)
        write_croissant(connection, building, about, digests)
        write_citation(connection, building / "CITATION.cff", about)
        write_dictionary(connection, building / "dictionary.html", about)
    finally:
        # What it keeps in memory is not kept beside what the atlas needs.
        connection.close()
    # A part of the marts, as in tests of publishing, has no atlas. It scans marts: Parquet has them computed.
    if set(tables) >= MARTS_DRAWN:
        with opened() as files:
            files.execute(f"create schema {MARTS}")
            for table in tables:
                files.execute(
                    f"create view {MARTS}.{table} as "
                    f"from read_parquet({quoted(f'{parquet / table}.parquet')})"
                )
            write_atlas(files, building / "atlas.html", about)
    write_methods(building / "methods.html", about["release"])
    older = None if previous is None else previous / DATABASE
    write_notes(building / "RELEASE_NOTES.md", database, about, older)
    (building / "release.json").write_text(json.dumps(about, indent=1) + "\n", encoding="utf-8")
    lines = ["# Credits", "", "Print the credit line with any figure taken from this release.", ""]
    lines += [
        f"- **{row['title']}** ({row['publisher']}). {row['credit_line']}. "
        f"Licence: [{row['licence_title']}]({row['licence_url']})."
        for row in licences
    ]
    (building / "CREDITS.md").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for path in building.rglob("*"):
        if path.is_file():
            name = str(path.relative_to(building))
            digests[name] = digests.get(name) or sha256_of(path)
    sums = [f"{digest}  {name}" for name, digest in sorted(digests.items())]
    (building / "SHA256SUMS").write_text("\n".join(sums) + "\n", encoding="utf-8")


def verify(database: Path, digest: str, tables: Mapping[str, int]) -> None:
    """The file opens read-only, is complete, documented, and holds what was audited.

    Its rows are read where they were written last, in the Parquet files beside it: one digest proves both.

    Raises:
        PublishRefusedError: it is not.
    """
    connection = opened(str(database), read_only=True)
    try:
        got = schema_content(connection, MARTS, database.parent / "parquet")
        faults = (
            []
            if got.digest == digest
            else [f"content digest {got.digest} is not the audited {digest}"]
        )
        faults += [
            f"{table}: {got.rows.get(table, 'no table')} rows, audited {expected}"
            for table, expected in tables.items()
            if got.rows.get(table) != expected
        ]
        faults += [
            f"{mart.name}: no description"
            for mart in relations(connection, MARTS)
            if mart.comment is None
        ]
        faults += [
            f"{row['name']}: no description"
            for row in rows(
                connection,
                "select table_name || '.' || column_name as name from duckdb_columns() "
                f"where schema_name = '{MARTS}' and comment is null",
            )
        ]
    finally:
        connection.close()
    if faults:
        raise refused("the built file is not the one that was audited", faults)
