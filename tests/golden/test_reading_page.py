"""Recipes of docs/reading.md run: R where it is installed, JavaScript by duckdb-wasm, SQL over HTTP."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import duckdb_extension_httpfs
import pytest

from tests.clients import CACHE, missing
from tests.pages import BLOCKS
from tests.range_server import serving

pytestmark = pytest.mark.slow
OURS = [block for block in BLOCKS if block.path.name == "reading.md"]
(HTTPFS,) = Path(duckdb_extension_httpfs.__file__).parent.rglob("httpfs.duckdb_extension")


def _run(arguments: list[str], folder: Path, **more: str) -> str:
    shown = subprocess.run(
        arguments,
        cwd=folder,
        env={**os.environ, **more},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    return shown.stdout


def test_r_reads_the_csv(release: duckdb.DuckDBPyConnection, tmp_path: Path) -> None:
    program = shutil.which("Rscript")
    if program is None:
        missing("no Rscript on this machine")
    (block,) = [block for block in OURS if block.language == "r"]
    (tmp_path / "headline").mkdir()
    release.execute(f"copy main.headline to '{tmp_path}/headline/headline.csv' (header)")
    (tmp_path / "recipe.R").write_text(block.text, encoding="utf-8")
    printed = _run([program, "recipe.R"], tmp_path).split("\n")[1:]
    wanted = release.execute(
        "select stage, reference_year, leading_origin_id from main.headline "
        "where importer_id = 'JPN' and mineral_id = 'rare_earths'"
    ).fetchall()
    told = {tuple(line.replace("<NA>", "NA").split()) for line in printed if line.strip()}
    assert told == {tuple("NA" if value is None else str(value) for value in row) for row in wanted}


def test_javascript_reads_the_file(
    data: Path, release: duckdb.DuckDBPyConnection, tmp_path: Path
) -> None:
    modules = [*CACHE.glob("duckdb-wasm-*/node_modules")]
    node = shutil.which("node")
    if not modules or node is None:
        missing("no duckdb-wasm of npm")
    (block,) = [block for block in OURS if block.language == "javascript"]
    (tmp_path / "recipe.cjs").write_text(block.text, encoding="utf-8")
    (tmp_path / "node_modules").symlink_to(modules[0])
    file = data / "published" / "current" / "critical_minerals.duckdb"
    printed = _run([str(node), "recipe.cjs", str(file)], tmp_path)
    wanted = release.execute(
        "select origin_id from marts.dependency('JPN', 'rare_earths', 'refined', 2024) limit 3"
    ).fetchall()
    assert printed.split() == [origin for (origin,) in wanted]


def test_sql_reads_over_http(data: Path) -> None:
    remote = [block.text for block in OURS if "https://example.org/v2026.11.1" in block.text]
    assert len(remote) == 2
    with serving(data / "published" / "current") as traffic:
        for text in remote:
            local = text.replace("https://example.org/v2026.11.1", traffic.address)
            # No network here: the extension is the one of pip.
            local = local.replace("install httpfs;\n", "").replace(
                "load httpfs", f"load '{HTTPFS}'"
            )
            if "load " not in local:
                local = f"load '{HTTPFS}';\n{local}"
            with duckdb.connect() as connection:
                assert connection.execute(local).fetchall()


def test_the_assistants_settings_name_the_command() -> None:
    (block,) = [block for block in OURS if "mcpServers" in block.text]
    told = json.loads(block.text)["mcpServers"]["chokepoint"]
    assert re.search(r"chokepoint$", told["command"])
    assert told["args"] == ["mcp"]
