"""Marts as Parquet files: rows of one importer and mineral together, and in each file what it holds."""

import json
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.columns import Column, mart_columns
from dagster_project.publishing.warehouse import quoted, relations, rows

# A reader over HTTP fetches the footer and the row groups of its importer: smaller groups, a larger footer.
ROW_GROUP = 40_960
# A column with more values in a group gets no dictionary: those of shares would be filled and thrown away.
MOST_IN_DICTIONARY = 1_000
# pandas makes floats of whole numbers with nulls unless the file says that it need not.
PANDAS = {"INTEGER": "Int32", "BIGINT": "Int64", "BOOLEAN": "boolean"}


def write_parquet(
    connection: duckdb.DuckDBPyConnection,
    folder: Path,
    about: Mapping[str, Any],
    tables: Sequence[str],
) -> None:
    """Write each mart of the open file into the folder.

    Each is written by one thread, in the order in which it lies: by importer and mineral where it has both.
    Two threads would mix their rows, and a sort of three million rows takes as long as all the rest.
    """
    columns = mart_columns(connection)
    comments = {mart.name: mart.comment for mart in relations(connection, "marts")}
    credit = {
        row["source_id"]: row["credit_line"]
        for row in rows(connection, "select source_id, credit_line from _build.licence order by 1")
    }
    shared = {"release": about["release"], "credit": json.dumps(credit, ensure_ascii=False)}
    (threads,) = connection.execute("select current_setting('threads')").fetchall()[0]
    connection.execute("set threads = 1")

    def write(table: str) -> None:
        described = {"description": comments[table] or "", **shared, **_described(columns[table])}
        pairs = ", ".join(f"{name}: {quoted(text)}" for name, text in described.items())
        with connection.cursor() as cursor:
            cursor.execute(
                f"copy marts.{table} to {quoted(f'{folder / table}.parquet')} (format parquet, compression zstd, "
                f"row_group_size {ROW_GROUP}, dictionary_size_limit {MOST_IN_DICTIONARY}, write_bloom_filter false, "
                f"kv_metadata {{{pairs}}})"
            )

    def write_all(tables: Sequence[str]) -> None:
        for table in tables:
            write(table)

    # The two of millions of rows one after the other, each of which needs half of the memory limit, and beside them the rest.
    largest = sorted(tables, key=lambda table: -about["tables"].get(table, 0))
    with ThreadPoolExecutor(min(2, threads)) as writers:
        list(writers.map(write_all, [largest[:2], largest[2:]]))
    connection.execute(f"set threads = {threads}")


def _described(columns: Sequence[Column]) -> dict[str, str]:
    """Descriptions and units of columns, and the types that pandas takes."""
    pandas = [
        {
            "name": column.name,
            "field_name": column.name,
            "pandas_type": PANDAS[column.data_type].lower(),
            "numpy_type": PANDAS[column.data_type],
            "metadata": None,
        }
        for column in columns
        if column.data_type in PANDAS
    ]
    return {
        "columns": json.dumps(
            {
                column.name: {"description": column.description}
                | ({"unit": column.unit} if column.unit else {})
                for column in columns
            },
            ensure_ascii=False,
        ),
        "pandas": json.dumps(
            {
                "index_columns": [],
                "column_indexes": [],
                "columns": pandas,
                "pandas_version": "2.0.0",
            }
        ),
    }
