"""What lies beside the database: a catalogue by the standard, a dictionary of all columns, whole checksums."""

import json
import re
from html import unescape
from pathlib import Path

import duckdb
import polars as pl
import pytest
from frictionless import Package

from tests.pages import ROOT

pytestmark = pytest.mark.slow
ATLAS = ROOT / "dagster_project/publishing/atlas"
POLARS = {
    "string": pl.String,
    "integer": (pl.Int32, pl.Int64),
    "number": pl.Float64,
    "boolean": pl.Boolean,
    "date": pl.Date,
}


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    return data / "published" / "current"


def test_catalogue_is_a_data_package(folder: Path) -> None:
    """By frictionless, the library of the standard's own makers."""
    descriptor = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    report = Package.validate_descriptor(descriptor)
    assert report.valid, report.flatten(["type", "note"])
    # A name with a blank is no name: the validator would say so.
    wrong = {**descriptor, "resources": [{**descriptor["resources"][0], "path": None}]}
    assert not Package.validate_descriptor(wrong).valid


def test_catalogue_says_what_lies_there(folder: Path, release: duckdb.DuckDBPyConnection) -> None:
    package = json.loads((folder / "catalog.json").read_text(encoding="utf-8"))
    sums = dict(
        line.split("  ")[::-1]
        for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    tables = set()
    for resource in package["resources"]:
        path = folder / resource["path"]
        assert path.stat().st_size == resource["bytes"]
        assert resource["hash"] == f"sha256:{sums[resource['path']]}"
        if "schema" in resource:
            tables.add(path.stem)
            schema = pl.read_parquet_schema(path)
            fields = resource["schema"]["fields"]
            assert [field["name"] for field in fields] == list(schema)
            assert all(schema[field["name"]] in _types(field["type"]) for field in fields), path
            assert all(field["description"] for field in fields)
    marts = release.execute(
        "select table_name from information_schema.tables where table_schema = 'marts'"
    )
    assert tables == {name for (name,) in marts.fetchall()}
    credited = {source["title"] for source in package["sources"]}
    titles = release.execute("select publisher || ': ' || title from _build.licence").fetchall()
    assert credited == {title for (title,) in titles}


def _types(name: str) -> tuple[object, ...]:
    found = POLARS[name]
    return found if isinstance(found, tuple) else (found,)


def test_dictionary_has_every_column_and_macro(
    folder: Path, release: duckdb.DuckDBPyConnection
) -> None:
    text = (folder / "dictionary.html").read_text(encoding="utf-8")
    assert "{{" not in text
    for part in text.split("<section ")[1:]:
        name = re.match(r'id="(\w+)"', part)
        assert name
        found = re.findall(r"<th scope=row><code>(\w+)</code>", part)
        columns = release.execute(
            "select column_name from duckdb_columns() where schema_name = 'marts' and table_name = ? "
            "order by column_index",
            [name[1]],
        ).fetchall()
        assert found == [column for (column,) in columns]
    plain = unescape(re.sub(r"<[^>]+>", "", text))
    comments = release.execute(
        "select comment from duckdb_columns() where schema_name = 'marts' union all "
        "select comment from duckdb_functions() where schema_name = 'marts'"
    ).fetchall()
    assert len(comments) > 900
    assert not [comment for (comment,) in comments if comment.replace("`", "") not in plain]


def test_methods_hold_every_page_and_the_atlas_leads_to_them(folder: Path) -> None:
    text = (folder / "methods.html").read_text(encoding="utf-8")
    assert "{{" not in text
    pages = set(re.findall(r'<section id="(\w+)"', text))
    assert pages == {path.stem for path in (ROOT / "docs/methods").glob("*.md")}
    linked = set(re.findall(r'href="([^"]+)"', text))
    assert not [
        to for to in linked if not to.startswith(("https://", "data:")) and to[1:] not in pages
    ]
    scripts = [path.read_text(encoding="utf-8") for path in (ATLAS / "page").glob("*.js")]
    named = {name for script in scripts for name in re.findall(r"docs/methods/(\w+)\.md", script)}
    of_cards = re.search(r"METHOD_OF = \{(.*?)\}", "".join(scripts), re.DOTALL)
    assert of_cards
    named |= set(re.findall(r"'(\w+)'", of_cards[1]))
    assert len(named) > 5
    assert named <= pages


def test_first_release_says_so(folder: Path) -> None:
    notes = (folder / "RELEASE_NOTES.md").read_text(encoding="utf-8")
    about = json.loads((folder / "release.json").read_text(encoding="utf-8"))
    assert notes.startswith(f"# Release {about['release']}\n")
    assert "The first release here" in notes
    assert re.search(r"\d+ passed, \d+ warned", notes)
