"""Builds `atlas.html`, one page with data, code and style inside, and `atlas/`, the data of further importers.

The page asks nothing of any network. What lies beside it are scripts, since a page from disk may read no other file.
"""

import base64
import json
import re
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import duckdb
import polars as pl
import yaml

from dagster_project.publishing.atlas.queries import (
    FIRST_YEAR,
    OF_IMPORTER,
    PREPARE,
    SCALE,
    SCALED,
    SHARED,
)

PAGE = Path(__file__).parent / "page"
# Marts that the page shows.
MARTS_DRAWN = frozenset(
    re.findall(r"\bmarts\.(\w+)", " ".join((*PREPARE, *SHARED.values(), *OF_IMPORTER.values())))
)
# In this order: each file uses only what stands before it.
SCRIPTS = (
    *(
        "data.js",
        "figure.js",
        "pointer.js",
        "take.js",
        "draw.js",
        "rank.js",
        "imports.js",
        "compare.js",
        "world.js",
        "more.js",
        "policy.js",
        "app.js",
    ),
)


def write_atlas(
    connection: duckdb.DuckDBPyConnection, path: Path, about: Mapping[str, Any]
) -> None:
    """Write the page and its folder, from the marts of the built file, as tables or as their Parquet files.

    Args:
        path: where to; the folder lies beside it and has its name.
        about: what `release.json` says of the release.
    """
    for statement in PREPARE:
        connection.execute(statement)
    in_page = {
        code
        for (code,) in connection.execute(
            "select importer_id from atlas_importer where is_in_page"
        ).fetchall()
    }
    content = payload(connection, about)
    parts = by_importer(connection, content["tables"])
    folder = path.with_suffix("")
    folder.mkdir()
    for importer, part in parts.items():
        if importer not in in_page:
            text = json.dumps({importer: [about["content_digest"], packed(part)]})
            (folder / f"{importer}.js").write_text(f"atlasHold({text})", encoding="utf-8")
    path.write_text(page(content, {code: parts[code] for code in in_page}), encoding="utf-8")


def payload(connection: duckdb.DuckDBPyConnection, about: Mapping[str, Any]) -> dict[str, Any]:
    """What every choice needs: release, words for flags and reasons, tiles of the map, shared tables."""
    return {
        "release": {
            key: about.get(key)
            for key in (
                "release",
                "built_at",
                "input",
                "as_of",
                "content_digest",
                "restricted_sources",
            )
        },
        "words": yaml.safe_load((PAGE / "words.yml").read_text(encoding="utf-8")),
        "tiles": read_map_tiles(),
        "first_year": FIRST_YEAR,
        "tables": {
            name: {series.name: encoded(series) for series in connection.execute(query).pl()}
            for name, query in SHARED.items()
        },
    }


def by_importer(
    connection: duckdb.DuckDBPyConnection, tables: dict[str, Any]
) -> dict[str, dict[str, dict[str, list[Any]]]]:
    """The tables cut by importer, as columns of places; their lists of names go into the shared `tables`."""
    parts: dict[str, dict[str, dict[str, list[Any]]]] = {
        code: {} for code in tables["importer"]["importer_id"]["names"]
    }
    for name, query in OF_IMPORTER.items():
        frame = connection.execute(query).pl()
        columns = {series.name: encoded(series) for series in frame.drop("importer_id")}
        start = 0
        for length, importer in frame["importer_id"].rle().struct.unnest().iter_rows():
            assert name not in parts[importer], f"{name} is not in the order of importers"
            parts[importer][name] = {
                column: content["at"][start : start + length] for column, content in columns.items()
            }
            start += length
        tables[name] = {column: content | {"at": []} for column, content in columns.items()}
        tables[name]["importer_id"] = {"names": list(parts), "at": []}
    return parts


def read_map_tiles() -> dict[str, list[int]]:
    """Column and row of each country on the map of tiles."""
    lines = (PAGE / "tiles.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return {
        code: [column, row]
        for row, codes in enumerate(rows)
        for column, code in enumerate(codes)
        if code != "..."
    }


def encoded(series: pl.Series) -> dict[str, Any]:
    """A column as numbers: shares scaled, text and days as places in a list of what occurs."""
    if series.name.endswith("_share") or series.name in SCALED:
        # What is not zero must not become a zero by rounding; what is below zero stays below it, and is seen.
        scaled = (series * SCALE).round()
        places = pl.select(pl.when(scaled == 0).then(series.sign()).otherwise(scaled)).to_series()
        return {"scale": SCALE, "at": places.cast(pl.Int32).to_list()}
    # The word "false" would be true to a script.
    if series.dtype.is_numeric() or series.dtype == pl.Boolean:
        return {"at": series.to_list()}
    text = series.cast(pl.String)
    names = text.drop_nulls().unique().sort()
    return {"names": names.to_list(), "at": text.cast(pl.Enum(names)).to_physical().to_list()}


def packed(content: Mapping[str, Any]) -> str:
    """Deflated and in base64, which no browser reads as markup."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    return base64.b64encode(zlib.compress(data.encode("utf-8"), 4)).decode("ascii")


def page(content: Mapping[str, Any], parts: Mapping[str, Any]) -> str:
    """The page as text, with what every choice needs and the data of some importers."""
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    data = {"data": content} | {f"data-{code}": parts[code] for code in sorted(parts)}
    filled = {
        "{{style}}": (PAGE / "style.css").read_text(encoding="utf-8"),
        "{{script}}": f"(() => {{\n'use strict';\n{script}\n}})();",
        "{{data}}": "\n".join(
            f'<script type="text/plain" id="{name}">{packed(one)}</script>'
            for name, one in data.items()
        ),
        "{{release}}": content["release"]["release"],
    }
    text = (PAGE / "page.html").read_text(encoding="utf-8")
    for mark, part in filled.items():
        text = text.replace(mark, part)
    return text
