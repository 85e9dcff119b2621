"""Builds `atlas.html`: one page with data, code and style inside, which asks nothing of any network."""

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

from dagster_project.publishing.atlas.queries import PREPARE, SCALE, SCALED, TABLES

PAGE = Path(__file__).parent / "page"
# Marts that the page shows.
MARTS_DRAWN = frozenset(re.findall(r"\bmarts\.(\w+)", " ".join((*PREPARE, *TABLES.values()))))
# In this order: each file uses only what stands before it.
SCRIPTS = (
    *(
        "data.js",
        "figure.js",
        "draw.js",
        "rank.js",
        "imports.js",
        "world.js",
        "policy.js",
        "app.js",
    ),
)


def write_atlas(
    connection: duckdb.DuckDBPyConnection, path: Path, about: Mapping[str, Any]
) -> None:
    """Write the page, from the marts of the built file, as tables or as their Parquet files.

    Args:
        path: where to.
        about: what `release.json` says of the release.
    """
    path.write_text(page(payload(connection, about)), encoding="utf-8")


def payload(connection: duckdb.DuckDBPyConnection, about: Mapping[str, Any]) -> dict[str, Any]:
    """What the page embeds: release, words for flags and reasons, tiles of the map, and the tables."""
    for statement in PREPARE:
        connection.execute(statement)
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
        "tiles": tiles(),
        "tables": {
            name: _columns(connection.execute(query).pl()) for name, query in TABLES.items()
        },
    }


def tiles() -> dict[str, list[int]]:
    """Column and row of each country on the map of tiles."""
    lines = (PAGE / "tiles.txt").read_text(encoding="utf-8").splitlines()
    rows = [line.split() for line in lines if not line.startswith("#")]
    return {
        code: [column, row]
        for row, codes in enumerate(rows)
        for column, code in enumerate(codes)
        if code != "..."
    }


def _columns(frame: pl.DataFrame) -> dict[str, Any]:
    return {series.name: encoded(series) for series in frame}


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
    places = pl.Series(range(len(names)), dtype=pl.Int32)
    return {
        "names": names.to_list(),
        "at": text.replace_strict(names, places, default=None).to_list(),
    }


def page(content: Mapping[str, Any]) -> str:
    """The page as text. The data are deflated and in base64, which no browser reads as markup."""
    data = json.dumps(content, ensure_ascii=False, separators=(",", ":"), default=str)
    packed = base64.b64encode(zlib.compress(data.encode("utf-8"), 6)).decode("ascii")
    script = "\n".join((PAGE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    parts = {
        "{{style}}": (PAGE / "style.css").read_text(encoding="utf-8"),
        "{{script}}": f"(() => {{\n'use strict';\n{script}\n}})();",
        "{{data}}": packed,
        "{{release}}": content["release"]["release"],
    }
    text = (PAGE / "page.html").read_text(encoding="utf-8")
    for mark, part in parts.items():
        text = text.replace(mark, part)
    return text
