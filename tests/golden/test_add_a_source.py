"""Adding a source touches its folder and its staging folder, and nothing else: in a copy of the repo.

The commands are those of docs/how-to/add-a-source.md; the file is the template's made-up one.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from sources.reading.files import sha256_of
from tests.copied_repository import copy_repository
from tests.golden.profile import HEADER, LISTS_OF_SOURCES, profile
from tests.pages import BLOCKS, answer, printed_cells

# An id that sorts behind `reading`, so that imports of the template must be sorted anew.
NEW = "tin_board"
RULES = [
    f"tests/rules/test_{name}.py" for name in ("layout", "source_rules", "repository_rules", "docs")
]
FOLDERS = (f"sources/{NEW}/", f"dbt/models/staging/{NEW}/")
LAKE = """
import dagster as dg
from pathlib import Path
from dagster_project.definitions import build_definitions
from sources.reading.input import Input
from sources.reading.lake import write_table
from sources.reading.lake_checks import checks_of
from sources.reading.published import read_published, verify_bytes
from sources.reference.labels import mineral_ids
from sources.registry import all_sources, reader_of

[source] = [source for source in all_sources() if source.source_id == "tin_board"]
reader = reader_of("tin_board")
digests = verify_bytes(source, Input.EMBEDDED, None)
tables = reader.tidy(read_published(reader, source, Input.EMBEDDED, None), source)
for table, frame in tables.items():
    write_table(
        frame, reader.lake[table], lake=Path("lake"), source_id="tin_board", table=table,
        input_name="embedded", build_id="b", editions=digests, minerals=mineral_ids(),
    )
assert all(check.run(tables).passed for check in checks_of(reader, source))
graph = build_definitions().resolve_asset_graph()
keys = {key.to_user_string() for key in graph.get_all_asset_keys()}
assert {"raw/tin_board", "lake/tin_board/output", "staging/stg_tin_board__outputs"} <= keys, keys
assert graph.get(dg.AssetKey(["staging", "stg_tin_board__outputs"])).parent_keys == {
    dg.AssetKey(["lake", "tin_board", "output"])
}
print("lake and graph are whole")
"""


@pytest.fixture(scope="module")
def copied(parsed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("repository")
    assert copy_repository(folder), "not a git checkout: there is no list of the files to copy"
    # Of dbt's project only the new staging folder is parsed.
    manifests = Path("dbt", "manifests")
    shutil.copytree(parsed / manifests, folder / "data" / manifests)
    yield folder
    shutil.rmtree(folder)


def run(folder: Path, *command: str, **more: str) -> str:
    environment = {**os.environ, "PYTHONPATH": str(folder), "CHOKEPOINT_DATA": str(folder / "data")}
    # Publishers' files lie beside the repo and not beside its copy, where nothing asks their figures.
    environment.pop("CHOKEPOINT_REQUIRE_SHARED", None)
    result = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env={**environment, **more},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stdout[-3000:] + result.stderr[-3000:]
    return result.stdout


def test_a_copied_template_is_a_source(copied: Path) -> None:
    before = {path: sha256_of(path) for path in copied.rglob("*") if path.is_file()}
    run(copied, "scripts/new_source.py", NEW)
    files = copied / "files" / NEW
    files.mkdir(parents=True)
    shutil.copyfile(copied / "sources" / NEW / "example" / "outputs.csv", files / "outputs.csv")
    cli = ("-m", "dagster_project.cli.commands", "snapshot", NEW)
    assert f"{NEW}/snapshot/OUTPUT2025/output.csv: 6 rows" in run(
        copied, *cli, CHOKEPOINT_FILES=str(copied / "files")
    )
    assert "lake and graph are whole" in run(copied, "-c", LAKE)
    run(copied, "-m", "ruff", "check", "--no-cache", "--quiet", f"sources/{NEW}")
    run(copied, "-m", "ruff", "format", "--check", "--no-cache", "--quiet", f"sources/{NEW}")
    run(copied, "-m", "pytest", "-q", "-m", "not slow", "sources", *RULES, "-k", "not commands")
    new = {
        str(path.relative_to(copied))
        for path in copied.rglob("*")
        if path.is_file() and path not in before and "__pycache__" not in path.parts
    }
    made_by_runs = ("data/", "files/", "lake/")
    assert {name for name in new if not name.startswith((*FOLDERS, *made_by_runs))} == set()
    changed = {
        str(path.relative_to(copied))
        for path, digest in before.items()
        if sha256_of(path) != digest
    }
    assert not changed


# A release's two lists of sources, with a row more.
ONE_MORE = """
create table marts.dim_source as
from release.marts.dim_source
union all
select * replace ('tin_board' as source_id)
from (from release.marts.dim_source limit 1);
create table marts.dim_edition as
from release.marts.dim_edition
union all
select * replace ('tin_board' as source_id, 'OUTPUT1990' as edition, date '1990-03-01' as released_on)
from (from release.marts.dim_edition limit 1);
"""


@pytest.mark.slow
def test_what_docs_and_profile_say_holds_with_one_more_source(data: Path) -> None:
    path = data / "published" / "current" / "critical_minerals.duckdb"
    with duckdb.connect() as connection:
        connection.execute(f"attach '{path}' as release (read_only)")
        connection.execute("create schema marts")
        connection.execute(ONE_MORE)
        for block in BLOCKS:
            asked = block.follows
            read = set(re.findall(r"\bmarts\.(\w+)", asked.text)) if asked else set()
            if asked and asked.language == "sql" and read and read <= set(LISTS_OF_SOURCES):
                got = printed_cells(answer(connection, asked.text))
                assert printed_cells(block.text) == got, f"{block}: name the sources asked about"
        connection.execute("detach release")
        assert profile(connection) == [HEADER]
