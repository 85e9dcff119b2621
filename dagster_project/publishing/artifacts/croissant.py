"""`croissant.json`: the release in the vocabulary in which search engines and machine learning find data sets."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb

from dagster_project.publishing.artifacts.columns import mart_columns
from dagster_project.publishing.warehouse import relations, rows

TYPES = {
    "VARCHAR": "sc:Text",
    "INTEGER": "sc:Integer",
    "BIGINT": "sc:Integer",
    "DOUBLE": "sc:Float",
    "BOOLEAN": "sc:Boolean",
    "DATE": "sc:Date",
}
# As the standard prints it (Croissant 1.0); every reader compares it key by key.
CONTEXT = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "cr": "http://mlcommons.org/croissant/",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "equivalentProperty": "cr:equivalentProperty",
    "extract": "cr:extract",
    "field": "cr:field",
    "fileProperty": "cr:fileProperty",
    "fileObject": "cr:fileObject",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "parentField": "cr:parentField",
    "path": "cr:path",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def write_croissant(
    connection: duckdb.DuckDBPyConnection,
    building: Path,
    about: Mapping[str, Any],
    digests: Mapping[str, str],
) -> None:
    """Write `croissant.json`; arguments as of `write_data_package`."""
    comments = {mart.name: mart.comment for mart in relations(connection, "marts")}
    columns = mart_columns(connection)
    sources = rows(connection, "select * from marts.dim_source order by source_id")
    files, records = [], []
    for path, digest in sorted(digests.items()):
        table = Path(path).stem
        if not path.startswith("parquet/"):
            continue
        files.append(
            {
                "@type": "cr:FileObject",
                "@id": path,
                "name": table,
                "contentUrl": path,
                "encodingFormat": "application/x-parquet",
                "sha256": digest,
            }
        )
        records.append(
            {
                "@type": "cr:RecordSet",
                "@id": table,
                "name": table,
                "description": comments[table],
                "field": [
                    {
                        "@type": "cr:Field",
                        "@id": f"{table}/{column.name}",
                        "name": column.name,
                        "description": column.description,
                        "dataType": TYPES.get(column.data_type, "sc:Text"),
                        "source": {
                            "fileObject": {"@id": path},
                            "extract": {"column": column.name},
                        },
                    }
                    for column in columns[table]
                ],
            }
        )
    dataset = {
        "@context": CONTEXT,
        "@type": "sc:Dataset",
        "conformsTo": "http://mlcommons.org/croissant/1.0",
        "name": "chokepoint-critical-minerals",
        "description": "How dependent each nation is on one supplier for each critical mineral, at each stage.",
        "version": about["release"],
        "datePublished": about["built_at"],
        "license": sorted({row["licence_url"] for row in sources}),
        "creator": {"@type": "sc:Organization", "name": "Chokepoint"},
        "citeAs": "; ".join(sorted({row["credit_line"] for row in sources})),
        "distribution": files,
        "recordSet": records,
    }
    text = json.dumps(dataset, indent=1, ensure_ascii=False)
    (building / "croissant.json").write_text(text + "\n", encoding="utf-8")
