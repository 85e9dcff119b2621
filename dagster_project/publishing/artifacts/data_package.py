"""`datapackage.json`: the release as a Frictionless data package (version 1 of the standard)."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.columns import Column, mart_columns
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


def write_data_package(
    connection: duckdb.DuckDBPyConnection,
    building: Path,
    about: Mapping[str, Any],
    digests: Mapping[str, str],
) -> None:
    """Write `datapackage.json`.

    Args:
        connection: the built file, open.
        building: the release's folder.
        about: what `release.json` says.
        digests: SHA-256 of each file that is a resource, by path inside the folder.
    """
    licences = rows(connection, "select * from marts.dim_source order by source_id")
    columns = mart_columns(connection)
    descriptions = {mart.name: mart.comment for mart in relations(connection, "marts")}
    resources = []
    for path, digest in sorted(digests.items()):
        table = Path(path).stem
        is_table = path.startswith("parquet/")
        resource = {
            "name": re.sub(r"[^a-z0-9_.-]", "-", table.lower()),
            "path": path,
            "format": Path(path).suffix.removeprefix("."),
            "hash": f"sha256:{digest}",
        }
        if is_table:
            # No `bytes`: who reads the table never counts them, and frictionless then refuses the number.
            resource |= {
                "mediatype": "application/vnd.apache.parquet",
                "description": descriptions[table],
                "schema": {"fields": [_field(column) for column in columns[table]]},
            }
        else:
            resource |= {
                "mediatype": "application/octet-stream",
                "bytes": (building / path).stat().st_size,
                "description": "All marts in one DuckDB file, with table macros.",
            }
        resources.append(resource)
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
                {(row["licence_id"], row["licence_title"], row["licence_url"]) for row in licences}
            )
        ],
        "sources": [
            {
                "title": f"{row['publisher']}: {row['title']}",
                "path": row["landing_page"],
                "credit": row["credit_line"],
                "licence": {"name": row["licence_id"], "path": row["licence_url"]},
            }
            for row in licences
        ],
        "resources": resources,
    }
    text = json.dumps(package, indent=1, ensure_ascii=False)
    (building / "datapackage.json").write_text(text + "\n", encoding="utf-8")


def _field(column: Column) -> dict[str, Any]:
    field: dict[str, Any] = {
        "name": column.name,
        "type": TYPES.get(column.data_type, "any"),
        "description": column.description,
    }
    if column.unit:
        field["unit"] = column.unit
    return field if column.is_nullable else {**field, "constraints": {"required": True}}
