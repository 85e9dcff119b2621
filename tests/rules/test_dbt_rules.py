"""The dbt project: parses without a warning, every test has a name of its own, marts are described."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

import pytest
import yaml
from house import DBT, ROOT, shown

from dagster_project.operations.dbt_runner import load_manifest, prepare_manifest
from tests.failure._helpers import settings_of

Manifest = dict[str, Any]


@pytest.fixture(scope="module")
def manifest(parsed: Path) -> Manifest:
    """Manifest of the project, parsed by this run with its warnings as errors: a deprecation fails there."""
    return load_manifest(prepare_manifest(settings_of(parsed)))


def test_project_parses_without_a_warning(manifest: Manifest) -> None:
    assert manifest["nodes"]


def undescribed(node: dict[str, Any]) -> list[str]:
    """What of a mart has no description: the table, or columns."""
    missing = [] if node.get("description", "").strip() else [node["name"]]
    return missing + [
        f"{node['name']}.{name}"
        for name, column in node["columns"].items()
        if not column.get("description", "").strip()
    ]


def test_marts_are_described(manifest: Manifest) -> None:
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["schema"] == "marts"
    ]
    assert marts
    assert not [text for node in marts for text in undescribed(node)]
    # The contract makes the yml list every column: a column outside it does not build.
    assert not [node["name"] for node in marts if not node["config"]["contract"]["enforced"]]


def grainless(nodes: list[dict[str, Any]]) -> list[str]:
    """Models whose description does not begin with what one row is."""
    return [node["name"] for node in nodes if not node["description"].startswith("One row per ")]


def test_descriptions_begin_with_the_grain(manifest: Manifest) -> None:
    models = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and not node["name"].startswith("stg_")
    ]
    assert models
    assert not grainless(models)


def test_grain_rule_bites() -> None:
    nodes = [
        {"name": "good", "description": "One row per x and year. Shares."},
        {"name": "bad", "description": "Shares. One row per x and year."},
    ]
    assert grainless(nodes) == ["bad"]


def test_description_rule_bites() -> None:
    node = {
        "name": "mart_x",
        "description": "One row per x.",
        "columns": {"a": {"description": " "}, "b": {"description": "B."}},
    }
    assert undescribed(node) == ["mart_x.a"]


NUMBERS = {"double", "integer", "bigint"}
# What the number counts, or between what it lies. A score, rank or index is a unit of its own.
UNIT = re.compile(
    r"0–1|\b0 to 1\b|[-−]1 to 1|ratio|tonne|dollar|US\$|`unit`|year|day|month|rank|how many|number"
    r"|count|score|index|points|share|order|steps?\b|scale",
    re.IGNORECASE,
)


def unclear(node: dict[str, Any]) -> list[str]:
    """Columns of a mart that don't say their unit or range, or what a null means."""
    faults = []
    for name, column in node["columns"].items():
        text = column["description"]
        if not re.search(r"\bnull\b", text, re.IGNORECASE):
            faults.append(f"{node['name']}.{name}: says nothing of null")
        elif "Never null. Null" in text:
            faults.append(f"{node['name']}.{name}: never null, or sometimes?")
        if column["data_type"] in NUMBERS and not UNIT.search(text):
            faults.append(f"{node['name']}.{name}: no unit or range")
    return faults


def test_columns_of_marts_say_unit_and_null(manifest: Manifest) -> None:
    marts = [
        node
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model" and node["config"]["schema"] == "marts"
    ]
    faults = [fault for node in marts for fault in unclear(node)]
    assert not faults, "\n".join(faults)


def test_unit_and_null_rule_bites() -> None:
    columns = {
        "a": {"data_type": "double", "description": "Weight. Never null."},
        "b": {"data_type": "double", "description": "Weight in tonnes."},
        "c": {"data_type": "string", "description": "Source. Never null. Null where none."},
        "d": {"data_type": "double", "description": "Weight in tonnes. Null where none is held."},
        "e": {"data_type": "string", "description": "Name. Never null."},
    }
    assert unclear({"name": "m", "columns": columns}) == [
        "m.a: no unit or range",
        "m.b: says nothing of null",
        "m.c: never null, or sometimes?",
    ]


def test_other_models_are_described(manifest: Manifest) -> None:
    plain = [
        node["name"]
        for node in manifest["nodes"].values()
        if node["resource_type"] == "model"
        and node["config"]["schema"] == "intermediate"
        and not node.get("description", "").strip()
    ]
    assert not plain


def unnamed_tests(content: dict[str, Any]) -> Iterator[str]:
    """Data tests of one yml file that leave their name to dbt."""
    parents = [
        *content.get("models", []),
        *content.get("seeds", []),
        *content.get("snapshots", []),
        *(table for source in content.get("sources", []) for table in source.get("tables", [])),
    ]
    for parent in parents:
        for owner in (parent, *parent.get("columns", [])):
            for test in [*owner.get("data_tests", []), *owner.get("tests", [])]:
                settings = next(iter(test.values())) if isinstance(test, dict) else None
                named = isinstance(test, dict) and (
                    "name" in test or (isinstance(settings, dict) and "name" in settings)
                )
                if not named:
                    label = next(iter(test)) if isinstance(test, dict) else test
                    yield f"{parent['name']}, {owner['name']}: {label}"


PROPERTIES = [path for folder in ("models", "seeds") for path in (DBT / folder).rglob("*.yml")]


@pytest.mark.parametrize("path", sorted(PROPERTIES), ids=shown)
def test_every_test_is_named(path: Path) -> None:
    content = yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)
    assert not list(unnamed_tests(content)), "give it `name: a_positive_sentence`"


def test_name_rule_bites() -> None:
    columns = [{"name": "a", "data_tests": ["not_null", {"unique": {"name": "a_is_unique"}}]}]
    model = {
        "name": "m",
        "columns": columns,
        "data_tests": [{"within_range": {"arguments": {"lower": 0}}}, {"test": "x", "name": "y"}],
    }
    assert list(unnamed_tests({"models": [model]})) == ["m, m: within_range", "m, a: not_null"]


def test_names_of_tests_are_unique(manifest: Manifest) -> None:
    """Two tests of one name on one model would merge silently into one check."""
    names = Counter(
        node["name"] for node in manifest["nodes"].values() if node["resource_type"] == "test"
    )
    assert not [name for name, count in names.items() if count > 1]


# Models from the first to a mart, both ends counted; and how many lie in between. Seeds are lists.
LONGEST_PATH = 12
MOST_INTERMEDIATES = 55


# Said alone it does not tell whose rows they are. "Renamed" is the custom of staging, a ranking a thing.
PARTICIPLES = r"[a-z]+(?:ed|ing)|bought|found|known|shown|sold|told"
NOUNS = {"ranking", "renamed"}


def unnamed_steps(sql: str) -> set[str]:
    """Steps of a query (CTEs) that are called by a participle alone."""
    return set(re.findall(rf"^ *({PARTICIPLES}) as \($", sql, re.MULTILINE)) - NOUNS


def test_steps_of_queries_bear_nouns() -> None:
    files = [*(DBT / "models").rglob("*.sql"), *(DBT / "macros").rglob("*.sql")]
    unnamed = {shown(path): unnamed_steps(path.read_text(encoding="utf-8")) for path in files}
    assert not {path: names for path, names in unnamed.items() if names}, "see docs/naming.md"


def test_rule_of_steps_bites() -> None:
    sql = "with\n\nsummed as (\n),\n\nranked_shares as (\n),\n\nrenamed as (\n)"
    assert unnamed_steps(sql) == {"summed"}


def longest_paths(parents: dict[str, list[str]]) -> dict[str, tuple[str, ...]]:
    """Each node's longest path down to it, itself its last."""
    paths: dict[str, tuple[str, ...]] = {}
    for node in TopologicalSorter(parents).static_order():
        above = (paths[parent] for parent in parents[node])
        paths[node] = (*max(above, key=len, default=()), node)
    return paths


def test_graph_is_short_and_narrow(manifest: Manifest) -> None:
    models = {
        name: node for name, node in manifest["nodes"].items() if node["resource_type"] == "model"
    }
    parents = {
        name: [parent for parent in node["depends_on"]["nodes"] if parent in models]
        for name, node in models.items()
    }
    too_long = [
        " > ".join(name.rpartition(".")[2] for name in path)
        for path in longest_paths(parents).values()
        if len(path) > LONGEST_PATH
    ]
    assert not too_long, "read a nearer parent, or merge what only renames"
    between = [name for name in models if ".int_" in name]
    assert len(between) <= MOST_INTERMEDIATES


def test_longest_path_rule_bites() -> None:
    parents = {"mart": ["int", "stg"], "int": ["stg"], "stg": []}
    assert longest_paths(parents)["mart"] == ("stg", "int", "mart")


# What a run is given, no judgement of ours; the thresholds have rows of their own.
NO_JUDGEMENTS = {"as_of", "build_id", "tables_of", "thresholds"}
ASSUMPTIONS = DBT / "models" / "marts" / "quality" / "mart_assumption.sql"


def unshown(sql: str, seeds: set[str]) -> list[str]:
    """Seeds that a list of assumptions leaves out."""
    return sorted(seeds - set(re.findall(r"\{'of': '(\w+)'", sql)))


def test_every_judgement_is_an_assumption_that_is_shown() -> None:
    seeds = {path.stem for path in (DBT / "seeds").glob("*.csv")}
    assert len(seeds) >= 24
    sql = ASSUMPTIONS.read_text(encoding="utf-8")
    assert unshown(sql, seeds) == [], f"give each a row in {shown(ASSUMPTIONS)}"
    assert "in var('thresholds')" in sql


def test_a_seed_that_is_not_shown_is_found() -> None:
    sql = "    {'of': 'production_share_band', 'id': 'band_id'},\n"
    assert unshown(sql, {"production_share_band", "a_seed"}) == ["a_seed"]


def padded_cells(text: str) -> list[str]:
    """Cells of a list that no join would find: with blanks around them, or one that looks like a blank and is none."""
    return [
        f"line {number}: {cell!r}"
        for number, row in enumerate(csv.reader(io.StringIO(text)), 1)
        for cell in row
        if cell != cell.strip() or re.search(r"[^\S ]|[\u200b-\u200f\u2060\ufeff]", cell)
    ]


@pytest.mark.parametrize(
    "path",
    [*(DBT / "seeds").glob("*.csv"), *(ROOT / "sources" / "reference").glob("*.csv")],
    ids=shown,
)
def test_no_cell_of_a_list_has_a_blank_around_it(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as file:
        text = file.read()
    assert padded_cells(text) == []
    assert "\r" not in text


def test_a_cell_with_a_blank_around_it_is_found() -> None:
    assert padded_cells("a,b c\ntin ,1\ntin\u00a0ore,\u200b2\n") == [
        "line 2: 'tin '",
        "line 3: 'tin\\xa0ore'",
        "line 3: '\\u200b2'",
    ]


def test_every_threshold_has_its_value_unit_and_reason_and_a_use() -> None:
    project = yaml.safe_load((DBT / "dbt_project.yml").read_text(encoding="utf-8"))
    assert set(project["vars"]) == NO_JUDGEMENTS, "a number of ours is a threshold"
    thresholds = project["vars"]["thresholds"]
    assert len(thresholds) >= 43
    assert [
        name
        for name, threshold in thresholds.items()
        if set(threshold) != {"value", "unit", "reason"}
        or not threshold["reason"]
        or (isinstance(threshold["value"], int | float) and not threshold["unit"])
    ] == []
    used = {
        name
        for folder in ("macros", "models", "tests")
        for path in (DBT / folder).rglob("*.sql")
        for name in re.findall(r"threshold\('(\w+)'\)", path.read_text(encoding="utf-8"))
    }
    assert used == set(thresholds)
