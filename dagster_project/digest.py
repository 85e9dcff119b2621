"""Content digest of a schema: equal content, equal digest, whatever the order of rows or the file."""

import hashlib
import json

import duckdb

FIELD = "chr(31)"
NULL = "chr(0)"


def _as_text(column: str, data_type: str) -> str:
    """Text of a value for the digest: doubles to 12 digits, null apart from everything."""
    quoted = f'"{column}"'
    text = f"printf('%.12g', {quoted})" if data_type == "DOUBLE" else f"cast({quoted} as varchar)"
    return f"coalesce({text}, {NULL})"


def schema_digest(connection: duckdb.DuckDBPyConnection, schema: str) -> str:
    """SHA-256 over tables, columns, types, comments and rows of a schema of the open database.

    Rows are hashed one by one and added up, so that neither their order nor a thread's changes it.
    """
    digest = hashlib.sha256()
    database = connection.execute("select current_database()").fetchall()[0][0]
    tables = connection.execute(
        "select table_name, comment from duckdb_tables() "
        "where database_name = ? and schema_name = ? order by table_name",
        [database, schema],
    ).fetchall()
    for table, comment in tables:
        columns = connection.execute(
            "select column_name, data_type, comment from duckdb_columns() "
            "where database_name = ? and schema_name = ? and table_name = ? order by column_index",
            [database, schema, table],
        ).fetchall()
        row = f" || {FIELD} || ".join(_as_text(name, dtype) for name, dtype, _ in columns)
        summed = connection.execute(
            f"select count(*), sum(cast(md5_number_lower(t) as hugeint)), "
            f"sum(cast(md5_number_upper(t) as hugeint)) "
            f"from (select {row} as t from {schema}.{table})"
        ).fetchall()[0]
        digest.update(
            json.dumps([table, comment, columns, [str(part) for part in summed]]).encode()
        )
    return digest.hexdigest()
