"""Content digest of a schema: equal content, equal digest, whatever the order of rows or the file."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import duckdb

from dagster_project.publishing.warehouse import quoted, relations


@dataclass(frozen=True)
class SchemaContent:
    """What a schema holds: `digest` of everything, `rows` by table."""

    digest: str
    rows: dict[str, int]


def schema_content(
    connection: duckdb.DuckDBPyConnection, schema: str, parquet: Path | None = None
) -> SchemaContent:
    """SHA-256 over tables, columns, types, comments and rows of a schema of the open database; rows counted.

    Rows may be read from a folder of Parquet files that were written from it: computing a view of millions of rows
    takes longer.

    Rows are hashed one by one, hashes once more, and both added up, so that neither their order nor a thread's
    changes it. A view counts as the table that it is published as. Another version of DuckDB may hash otherwise.
    They are counted on the way: a view of millions of rows is not computed again for that.
    """
    digest = hashlib.sha256()
    rows: dict[str, int] = {}
    (database,) = connection.execute("select current_database()").fetchall()[0]
    of_relation: dict[str, list[tuple[str, str, str | None]]] = {}
    # Asked once: each time DuckDB lists the columns of all that the file holds.
    for name, *column in connection.execute(
        "select table_name, column_name, data_type, comment from duckdb_columns() "
        "where database_name = ? and schema_name = ? order by table_name, column_index",
        [database, schema],
    ).fetchall():
        of_relation.setdefault(name, []).append((column[0], column[1], column[2]))
    for relation in relations(connection, schema):
        columns = of_relation[relation.name]
        source = f"{schema}.{relation.name}"
        if parquet is not None:
            source = f"read_parquet({quoted(f'{parquet / relation.name}.parquet')})"
        row = ", ".join(f'"{name}"' for name, _, _ in columns)
        summed = connection.execute(
            "select count(*), sum(cast(hashed as hugeint)), sum(cast(hash(hashed) as hugeint)) "
            f"from (select hash({row}) as hashed from {source})"
        ).fetchall()[0]
        rows[relation.name] = summed[0]
        digest.update(
            json.dumps(
                [relation.name, relation.comment, columns, [str(part) for part in summed]]
            ).encode()
        )
    return SchemaContent(digest.hexdigest(), rows)


def texts_digest(files: Iterable[Path]) -> str:
    """SHA-256 of files by name and bytes: macros and views, which a release says beside its tables."""
    digest = hashlib.sha256()
    for path in files:
        digest.update(f"\0{path.name}\0".encode() + path.read_bytes())
    return digest.hexdigest()
