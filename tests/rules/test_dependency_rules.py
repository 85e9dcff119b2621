"""Every dependency has a reason in `docs/decisions/`, and every reason still has its dependency."""

import importlib.util
import re
import tomllib
from pathlib import Path

from house import ROOT

DECISIONS = ROOT / "docs" / "decisions"
NAME = re.compile(r"^[A-Za-z0-9_.-]+")


def declared() -> set[str]:
    """Runtime, optional and development dependencies of pyproject.toml, by bare name."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    listed = [
        *project["project"]["dependencies"],
        *(item for extra in project["project"]["optional-dependencies"].values() for item in extra),
        *(item for group in project["dependency-groups"].values() for item in group),
        *project["build-system"]["requires"],
    ]
    return {found.group().lower() for text in listed if (found := NAME.match(text))}


def explained(text: str) -> dict[str, list[str]]:
    """First cell to the other cells, of every table whose first heading is `dependency`."""
    reasons: dict[str, list[str]] = {}
    in_table = False
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.lstrip().startswith("|"):
            in_table = False
        elif cells[0] == "dependency":
            in_table = True
        elif in_table and set(cells[0]) != {"-"}:
            reasons[cells[0].strip("`").lower()] = cells[1:]
    return reasons


def _all_reasons() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        found |= explained(path.read_text(encoding="utf-8"))
    return found


def test_every_dependency_has_a_reason() -> None:
    reasons = _all_reasons()
    missing = sorted(declared() - reasons.keys())
    assert not missing, f"add a row to docs/decisions/0001-dependencies.md for: {missing}"
    empty = sorted(name for name, cells in reasons.items() if len(cells) < 2 or not all(cells))
    assert not empty, f"reason or refused alternative is empty: {empty}"


def test_every_reason_has_its_dependency() -> None:
    gone = sorted(_all_reasons().keys() - declared())
    assert not gone, f"no longer in pyproject.toml: {gone}"


def test_the_commands_of_the_readme_install_nothing_of_spark() -> None:
    """Its packages are in a group that no other includes; this environment is what `make refresh` and `make test` have."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    groups = project["dependency-groups"]
    assert project["tool"]["uv"]["default-groups"] == ["dev"]
    assert any(item.startswith("pyspark") for item in groups["spark"])
    others = {**groups, "spark": [], "": project["project"]["dependencies"]}
    listed = [str(item).lower() for items in others.values() for item in items]
    assert [item for item in listed if "spark" in item or "py4j" in item] == []
    # A package that is not there is not imported either.
    found = ("pyspark", "py4j", "dbt.adapters.spark")
    assert [name for name in found if importlib.util.find_spec(name)] == []


def test_nothing_brings_pandas() -> None:
    """Where it is installed, DuckDB imports it in each process that binds a value, which costs half a second."""
    lock = tomllib.loads((ROOT / "uv.lock").read_text(encoding="utf-8"))
    names = {package["name"] for package in lock["package"]}
    assert "duckdb" in names
    assert "pandas" not in names


def test_the_parser_reads_rows() -> None:
    text = "| dependency | reason | refused |\n|---|---|---|\n| `Polars` | fast | pandas |\n\n| x | y |"
    assert explained(text) == {"polars": ["fast", "pandas"]}


def _sections(path: Path) -> list[str]:
    return re.findall(r"^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)


def test_decisions_are_numbered_and_whole() -> None:
    paths = sorted(DECISIONS.glob("*.md"))
    numbers = [path.name[:4] for path in paths]
    assert numbers == [f"{index:04d}" for index in range(1, len(paths) + 1)]
    lame = [
        path.name
        for path in paths
        if _sections(path)[:3] != ["Context", "Decision", "Consequences"]
    ]
    assert not lame, f"sections Context, Decision, Consequences, in this order: {lame}"
