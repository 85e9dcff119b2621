"""The tree says what is in it: publications, library packages, and who may import whom."""

import ast
from collections import Counter
from pathlib import Path

from house import ROOT

SOURCES = ROOT / "sources"
LIBRARY = {"reading", "fetching", "editions"}
OURS = {"reference", "_template"}
# What a publication's modules may import of `sources`, beside its own.
BELOW_A_PUBLICATION = {"reading", "fetching", "reference"}
# Files that every publication, or every package of Dagster definitions, has under the same name.
SAME_IN_EACH = {
    "__init__", "__main__", "reader", "layouts", "schema", "tidy", "checks",
    "assets",
}  # fmt: skip


def _folders(path: Path) -> set[str]:
    return {
        item.name for item in path.iterdir() if item.is_dir() and not item.name.startswith("__")
    }


def _publications() -> set[str]:
    return _folders(SOURCES) - LIBRARY - OURS


def _imported(path: Path) -> set[str]:
    """Second parts of `sources.<part>` that a module imports anywhere, functions too."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        found |= {name.split(".")[1] for name in names if name.startswith("sources.")}
    return found


def test_sources_hold_publications_beside_the_library() -> None:
    files = {path.name for path in SOURCES.glob("*.py")}
    assert files == {"__init__.py", "registry.py"}
    lacking = {
        f"{name}/{file}"
        for name in _publications()
        for file in ("source.yml", "reader.py", "README.md")
        if not (SOURCES / name / file).is_file()
    }
    assert not lacking, "a folder of sources/ is a publication, or moves into a library package"


def test_publications_know_the_library_and_nobody_knows_them() -> None:
    """Their readers are found by the registry; so a new one edits no Python elsewhere."""
    publications = _publications() | {"_template"}
    faults: dict[str, set[str]] = {}
    for path in [*SOURCES.rglob("*.py"), *(ROOT / "dagster_project").rglob("*.py")]:
        parts = path.relative_to(ROOT).parts
        own = {parts[1]} if parts[0] == "sources" and parts[1] in publications else set()
        allowed = BELOW_A_PUBLICATION | own if own else {*LIBRARY, "reference", "registry"}
        if other := _imported(path) - allowed:
            faults["/".join(parts)] = other
    assert not faults


def test_no_shared_module_names_a_publication() -> None:
    """Facts of a source stand in its folder: in no string of the library or of the definitions."""
    publications = _publications()
    shared = [
        *(path for name in LIBRARY for path in (SOURCES / name).rglob("*.py")),
        SOURCES / "registry.py",
        *(ROOT / "dagster_project").rglob("*.py"),
    ]
    faults = {
        f"{path.relative_to(ROOT)}: {node.value!r}"
        for path in shared
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and node.value in publications
    }
    assert not faults


def test_no_module_name_is_used_twice() -> None:
    names = Counter(
        path.stem
        for package in ("sources", "dagster_project")
        for path in (ROOT / package).rglob("*.py")
        if "_template" not in path.parts
    )
    twice = {name for name, times in names.items() if times > 1} - SAME_IN_EACH
    assert not twice, "a module's name says what it holds, once in the project (docs/naming.md)"


def test_subjects_of_marts_and_intermediates_are_the_same() -> None:
    models = ROOT / "dbt" / "models"
    strangers = _folders(models / "intermediate") - _folders(models / "marts")
    assert not strangers, "logic lies in the subject of the marts that it serves"
