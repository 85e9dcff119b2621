"""`CITATION.cff`: how to cite a release, and each source in it with its own licence's page."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import yaml

from dagster_project.publishing.warehouse import rows


def write_citation(
    connection: duckdb.DuckDBPyConnection, path: Path, about: Mapping[str, Any]
) -> None:
    """Write the file, in version 1.2.0 of the Citation File Format.

    The release has no licence of its own: each reference has that of its source.
    """
    citation = {
        "cff-version": "1.2.0",
        "message": "Cite the release, and print the credit line of the source beside a figure (CREDITS.md).",
        "type": "dataset",
        "title": "Chokepoint: dependence on suppliers of critical minerals",
        "version": about["release"],
        "date-released": about["built_at"][:10],
        "authors": [{"name": "Chokepoint"}],
        "identifiers": [
            {
                "type": "other",
                "value": f"sha256:{about['content_digest']}",
                "description": "Digest of the content of all marts.",
            }
        ],
        "references": [
            {
                "type": "data",
                "title": row["title"],
                "authors": [{"name": row["publisher"]}],
                "url": row["landing_page"],
                "license-url": row["licence_url"],
                "notes": f"{row['credit_line']}. Licence: {row['licence_id']}.",
            }
            for row in rows(connection, "select * from marts.dim_source order by source_id")
        ],
    }
    text = yaml.safe_dump(citation, sort_keys=False, allow_unicode=True, width=100)
    path.write_text(text, encoding="utf-8")
