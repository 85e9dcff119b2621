"""What lies beside the database: a catalogue by the standard, a dictionary of all columns, whole checksums."""

import json
import re
import subprocess
import tempfile
from html import unescape
from pathlib import Path

import duckdb
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.clients import client
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
# Run by the interpreter that has frictionless: faults of the descriptor, then of what each of these resources opens.
JUDGE = """
import json, sys
from pathlib import Path
from frictionless import Package
descriptor, *paths = sys.argv[1:]
report = Package.validate_descriptor(descriptor)
faults = {Path(descriptor).name: report.flatten(["type", "note"])}
for resource in Package(descriptor).resources if paths else []:
    if resource.path in paths:
        report = resource.validate()
        faults[report.task.place] = report.flatten(["fieldName", "type", "note"])[:20]
json.dump(faults, sys.stdout)
"""


@pytest.fixture(scope="module")
def folder(data: Path) -> Path:
    return data / "published" / "current"


def test_catalogue_is_a_data_package(folder: Path, tmp_path: Path) -> None:
    """And all rows of some small tables are as it describes them."""
    path = folder / "datapackage.json"
    names = ("mart_stock_cover", "dim_source", "fct_trade_month")
    tables = [f"parquet/{name}.parquet" for name in names]
    assert _faults(path, *tables) == {name: [] for name in (path.name, *tables)}
    # A resource without a path is none.
    wrong = json.loads(path.read_text(encoding="utf-8"))
    wrong["resources"] = [{**wrong["resources"][0], "path": None}]
    (tmp_path / path.name).write_text(json.dumps(wrong), encoding="utf-8")
    assert _faults(tmp_path / path.name)[path.name]


def test_catalogue_is_valid_with_its_data(folder: Path, tmp_path: Path) -> None:
    """Rows of each table's begin, midst and end: its reader takes minutes for ten thousand."""
    descriptor = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    (tmp_path / "parquet").mkdir()
    for resource in descriptor["resources"]:
        if resource["path"].startswith("parquet/"):
            with pq.ParquetFile(folder / resource["path"]) as file:
                groups = range(file.num_row_groups)
                chosen = sorted({groups[0], groups[len(groups) // 2], groups[-1]}) if groups else []
                parts = [file.read_row_group(group).slice(0, 8) for group in chosen]
                rows = pa.concat_tables(parts) if parts else file.schema_arrow.empty_table()
                pq.write_table(rows, tmp_path / resource["path"])
            del resource["hash"]
        else:
            (tmp_path / resource["path"]).symlink_to(folder / resource["path"])
    (tmp_path / "datapackage.json").write_text(json.dumps(descriptor), encoding="utf-8")
    paths = [resource["path"] for resource in descriptor["resources"]]
    faults = _faults(tmp_path / "datapackage.json", *paths)
    assert faults == {name: [] for name in ("datapackage.json", *paths)}


def _faults(descriptor: Path, *paths: str) -> dict[str, list[list[str]]]:
    """What frictionless, by the standard's own makers, finds in a descriptor and in its resources of these paths."""
    return json.loads(_run(client("frictionless", "python"), "-c", JUDGE, str(descriptor), *paths))


def test_licences_are_named_as_spdx_names_them(folder: Path) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    names = {licence["name"] for licence in package["licenses"]}
    assert names == {"CC-BY-4.0", "etalab-2.0", "LicenseRef-US-PD"}
    assert all(source["licence"]["path"].startswith("https://") for source in package["sources"])


def test_citation_is_valid(folder: Path) -> None:
    _run(client("cffconvert", "cffconvert"), "--validate", "-i", str(folder / "CITATION.cff"))
    text = (folder / "CITATION.cff").read_text(encoding="utf-8")
    with pytest.raises(AssertionError):
        _valid_text(text.replace("cff-version: 1.2.0", "cff-version: 1.2.0\nlicense: none of SPDX"))


def _valid_text(text: str) -> None:
    with tempfile.NamedTemporaryFile("w", suffix=".cff", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        _run(client("cffconvert", "cffconvert"), "--validate", "-i", file.name)


def test_croissant_is_valid(folder: Path) -> None:
    _run(
        client("mlcroissant", "mlcroissant"), "validate", "--jsonld", str(folder / "croissant.json")
    )


def _run(program: str, *arguments: str) -> str:
    """What it prints; it must end well."""
    shown = subprocess.run(
        [program, *arguments], capture_output=True, text=True, timeout=300, check=False
    )
    assert shown.returncode == 0, shown.stdout + shown.stderr
    return shown.stdout


def test_parquet_says_what_it_holds(folder: Path, release: duckdb.DuckDBPyConnection) -> None:
    path = folder / "parquet" / "mart_headline.parquet"
    told = {key.decode(): value.decode() for key, value in pq.read_schema(path).metadata.items()}
    columns = json.loads(told["columns"])
    described = release.execute(
        "select column_name, comment from duckdb_columns() "
        "where schema_name = 'marts' and table_name = 'mart_headline'"
    ).fetchall()
    assert {name: column["description"] for name, column in columns.items()} == dict(described)
    assert columns["leading_share"]["unit"] == "share, 0 to 1"
    assert columns["import_value_usd"]["unit"] == "US dollars"
    assert columns["spare_capacity_tonnes_low"]["unit"] == "tonnes"
    assert "unit" not in columns["importer_id"]
    assert told["description"].startswith("One row per importer")
    assert "CEPII, BACI" in json.loads(told["credit"])["cepii_baci"]
    # Whole numbers stay whole where some are missing.
    asked = "import pandas, sys; print(pandas.read_parquet(sys.argv[1])['trend_from_year'].dtype)"
    assert _run(client("frictionless", "python"), "-c", asked, str(path)) == "Int32\n"


def test_catalogue_says_what_lies_there(folder: Path, release: duckdb.DuckDBPyConnection) -> None:
    package = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    sums = dict(
        line.split("  ")[::-1]
        for line in (folder / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    )
    tables = set()
    for resource in package["resources"]:
        path = folder / resource["path"]
        assert resource.get("bytes") in {None, path.stat().st_size}
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
