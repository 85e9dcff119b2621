"""What may lie in the repo: sizes, and no data that is not ours to give. The commit hook runs these."""

import hashlib
import json
import re
from pathlib import Path

import polars as pl
import pytest
from house import DBT, ROOT, repository_files, shown

MOST_LINES = 400
# Older than the rule, to be split. An entry whose file fits must go.
MOST_BYTES = 1_000_000
# Columns that only rows of UN Comtrade have, in the API's spelling and in ours of the raw rows.
COMTRADE_COLUMNS = {
    "typecode",
    "freqcode",
    "refyear",
    "reportercode",
    "reporteriso",
    "flowcode",
    "partnercode",
    "partneriso",
    "partner2code",
    "cmdcode",
    "customscode",
    "motcode",
    "netwgt",
    "primaryvalue",
    "cifvalue",
    "fobvalue",
}
COMTRADE_ENOUGH = 4
DATA_SUFFIXES = {".csv", ".tsv", ".txt", ".json", ".jsonl", ".parquet"}
TOLD_SUFFIXES = {".md", ".py", ".sql", ".js", ".html", ".sh", ".toml", ".yml", ".yaml"}
OF_PYPI = re.compile(
    r"chokepoint\[\w+\]|(?:pip3?|pipx|tool) install [^\n`]*\bchokepoint\b|\buvx chokepoint\b"
)
OPAQUE_SUFFIXES = {".gz", ".zip", ".xlsx", ".xls", ".7z", ".bz2", ".zst", ".duckdb", ".db"}

FILES = repository_files()


def too_long(lengths: dict[str, int]) -> dict[str, int]:
    """Source files with more lines than they may have."""
    return {name: lines for name, lines in lengths.items() if lines > MOST_LINES}


def column_names(path: Path) -> set[str]:
    """Lower-case names of columns or keys at the head of a data file."""
    if path.suffix == ".parquet":
        return {name.lower() for name in pl.read_parquet_schema(path)}
    with path.open(encoding="utf-8", errors="replace") as handle:
        head = handle.read(4_000)
    first = head if path.suffix.startswith(".json") else head.split("\n", 1)[0]
    return {word.lower() for word in re.findall(r"\w+", first)}


def is_comtrade(columns: set[str]) -> bool:
    """Whether these are columns of UN Comtrade."""
    return len(columns & COMTRADE_COLUMNS) >= COMTRADE_ENOUGH


def test_source_files_stay_short() -> None:
    lengths = {
        shown(path): len(path.read_text(encoding="utf-8").splitlines())
        for path in FILES
        if path.suffix in {".py", ".sql"}
    }
    long = too_long(lengths)
    assert not long, f"over {MOST_LINES} lines, split by subject: {long}"


def test_length_rule_bites() -> None:
    lengths = {"sources/x.py": MOST_LINES + 1, "sources/y.py": MOST_LINES}
    assert too_long(lengths) == {"sources/x.py": MOST_LINES + 1}


def test_nobody_is_sent_to_another_project() -> None:
    """The name is another project's on PyPI: what of ours must be installed comes by uv from this folder."""
    found = {
        shown(path): sent
        for path in FILES
        if path.suffix in TOLD_SUFFIXES or path.name in {"Makefile", "Containerfile"}
        if (sent := OF_PYPI.findall(path.read_text(encoding="utf-8")))
    }
    assert not found, f"say `uv sync --extra ...`: {found}"


@pytest.mark.parametrize("told", ["pip install '{}[mcp]'", "uv pip install --user {}", "uvx {}"])
def test_rule_of_the_name_bites(told: str) -> None:
    assert OF_PYPI.findall(told.format("chokepoint"))
    assert not OF_PYPI.findall("`pip install duckdb`, then `chokepoint refresh`")


def test_big_files_are_snapshots() -> None:
    big = {
        shown(path): path.stat().st_size
        for path in FILES
        if path.stat().st_size > MOST_BYTES and "snapshot" not in path.relative_to(ROOT).parts
    }
    assert not big, f"over {MOST_BYTES:,} bytes outside snapshot/: {big}"


def test_dbt_folder_is_no_package() -> None:
    found = [shown(path) for path in DBT.rglob("__init__.py")]
    assert not found, f"it would break `import dbt`: {found}"


def test_no_comtrade_rows() -> None:
    found = [
        shown(path)
        for path in FILES
        if path.suffix in DATA_SUFFIXES and is_comtrade(column_names(path))
    ]
    assert not found, f"UN Comtrade forbids redistribution: {found}"


def test_no_opaque_data() -> None:
    found = [shown(path) for path in FILES if path.suffix in OPAQUE_SUFFIXES]
    assert not found, f"what a diff can't show does not enter the repo: {found}"


def test_comtrade_rule_bites(tmp_path: Path) -> None:
    header = "typeCode,freqCode,refYear,reporterCode,flowCode,partnerCode,cmdCode,netWgt"
    rows = tmp_path / "rows.csv"
    rows.write_text(header + "\nC,A,2024,156,M,842,280530,1\n", encoding="utf-8")
    listed = tmp_path / "rows.json"
    listed.write_text(json.dumps([dict.fromkeys(header.split(","), 1)]), encoding="utf-8")
    stored = tmp_path / "rows.parquet"
    pl.DataFrame({name: ["1"] for name in header.split(",")}).write_parquet(stored)
    assert all(is_comtrade(column_names(path)) for path in (rows, listed, stored))
    assert not is_comtrade({"hs6", "exporter", "importer", "netwgt"})


@pytest.mark.shared
def test_no_file_of_a_publisher(shared_data: Path) -> None:
    """No file of the repo is byte for byte a publisher's; only files of equal size are hashed."""
    ours: dict[int, list[Path]] = {}
    for path in FILES:
        if path.stat().st_size:
            ours.setdefault(path.stat().st_size, []).append(path)
    copies = [
        f"{shown(path)} = {theirs.name}"
        for theirs in sorted(shared_data.rglob("*"))
        if theirs.is_file()
        for path in ours.get(theirs.stat().st_size, [])
        if _digest(path) == _digest(theirs)
    ]
    assert not copies, (
        f"we ship tables of figures, no file of a publisher: {copies}; next: leave lines out of an example"
    )


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
