"""`catalog.json`: the release as a Frictionless data package (version 1 of the standard)."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.warehouse import relations, rows

TYPES = {
    "VARCHAR": "string",
    "INTEGER": "integer",
    "BIGINT": "integer",
    "DOUBLE": "number",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "TIMESTAMP": "datetime",
}


def write_catalog(
    connection: duckdb.DuckDBPyConnection,
    building: Path,
    about: Mapping[str, Any],
    digests: Mapping[str, str],
) -> None:
    """Write `catalog.json`.

    Args:
        connection: the built file, open.
        building: the release's folder.
        about: what `release.json` says.
        digests: SHA-256 of each file that is a resource, by path inside the folder.
    """
    licences = rows(connection, "select * from _build.licence order by source_id")
    columns: dict[str, list[dict[str, Any]]] = {}
    for row in rows(
        connection,
        "select table_name, column_name, data_type, is_nullable, comment from duckdb_columns() "
        "where schema_name = 'marts' order by table_name, column_index",
    ):
        columns.setdefault(row["table_name"], []).append(_field(row))
    descriptions = {mart.name: mart.comment for mart in relations(connection, "marts")}
    resources = []
    for path, digest in sorted(digests.items()):
        table = Path(path).stem
        is_table = path.startswith("parquet/")
        resources.append(
            {
                "name": re.sub(r"[^a-z0-9_.-]", "-", table.lower()),
                "path": path,
                "format": Path(path).suffix.removeprefix("."),
                "mediatype": "application/vnd.apache.parquet"
                if is_table
                else "application/octet-stream",
                "bytes": (building / path).stat().st_size,
                "hash": f"sha256:{digest}",
                "description": descriptions[table]
                if is_table
                else "All marts in one DuckDB file, with table macros.",
                **({"schema": {"fields": columns[table]}} if is_table else {}),
            }
        )
    restricted = about.get("restricted_sources")
    package = {
        "profile": "data-package",
        "name": "chokepoint-critical-minerals",
        "id": about["content_digest"],
        "title": "Chokepoint: dependence on suppliers of critical minerals",
        "version": about["release"],
        "created": about["built_at"],
        "description": "Terms differ by source: CREDITS.md has the credit line to print with a figure."
        + (f" Not to be passed on: it holds rows of {restricted}." if restricted else ""),
        "licenses": [
            {"name": name, "title": title, "path": url}
            for name, title, url in sorted(
                {
                    (_licence_name(row["licence_title"]), row["licence_title"], row["licence_url"])
                    for row in licences
                }
            )
        ],
        "sources": [
            {"title": f"{row['publisher']}: {row['title']}", "path": row["licence_url"]}
            for row in licences
        ],
        "resources": resources,
    }
    text = json.dumps(package, indent=1, ensure_ascii=False)
    (building / "catalog.json").write_text(text + "\n", encoding="utf-8")


def _licence_name(title: str) -> str:
    """The standard wants a name without blanks."""
    return re.sub(r"[^A-Za-z0-9.-]+", "-", title).strip("-")


def _field(row: Mapping[str, Any]) -> dict[str, Any]:
    field = {
        "name": row["column_name"],
        "type": TYPES.get(row["data_type"], "any"),
        "description": row["comment"],
    }
    return field if row["is_nullable"] else {**field, "constraints": {"required": True}}
