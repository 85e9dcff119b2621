"""Adding a mineral touches rows and nothing else: silver, in a copy of the repo, up to the open gate.

The rows and the query are those of docs/how-to/add-a-mineral.md. Printed in MCS 2026 for 2024: Mexico
5,780 t, Peru 3,510, China 3,430, world 25,300.

The refresh does everything but write the release, which knows no mineral and takes a third of the time.
"""

import csv
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from dagster_project.publishing.gate import pass_gate
from dagster_project.publishing.warehouse import reading
from tests.conftest import command_environment
from tests.copied_repository import REFRESH, copy_repository
from tests.defs._workspace import working_in
from tests.failure._helpers import gate, settings_of
from tests.pages import BLOCKS, answer, printed_cells

MINERALS = Path("sources/reference/minerals.csv")
SERIES = Path("sources/usgs_mcs/mappings/world_series.csv")
PAGE = [block for block in BLOCKS if block.path.name == "add-a-mineral.md"]
# The mineral's row; a row of its series before and after.
MINERAL, BEFORE, AFTER = [block.text for block in PAGE if block.language == "csv"]
[QUERY] = [block.text for block in PAGE if block.language == "sql"]
[PRINTED] = [block.text for block in PAGE if block.language == "text"]
# The publisher's names of silver, by edition.
LABELS = {"silve", "Silver"}
# Its cells in the row that the page shows: mineral, stage, form, basis, no reason.
MEANING = dict(
    zip(
        ["mineral_id", "stage", "form", "basis", "not_used_reason"],
        AFTER.split(",")[-5:],
        strict=True,
    )
)

pytestmark = pytest.mark.slow


def _add_mineral(path: Path) -> None:
    """The row, in the order of ids."""
    heading, *rows = path.read_text(encoding="utf-8").splitlines()
    text = "\n".join([heading, *sorted([*rows, MINERAL])])
    path.write_text(f"{text}\n", encoding="utf-8")


def _map_silver(path: Path) -> int:
    """Fill the cells of silver's rows; returns how many rows."""
    assert BEFORE in path.read_text(encoding="utf-8").splitlines(), "the page shows a row as it is"
    with path.open(encoding="utf-8", newline="") as handle:
        reader = csv.DictReader(handle)
        columns, rows = list(reader.fieldnames or []), list(reader)
    silver = [row for row in rows if row["published_commodity"] in LABELS]
    for row in silver:
        row.update(MEANING)
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    assert AFTER in path.read_text(encoding="utf-8").splitlines(), "and as it becomes"
    return len(silver)


@pytest.fixture(scope="module")
def with_silver(
    data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    copy, built = tmp_path_factory.mktemp("copy"), tmp_path_factory.mktemp("data_with_silver")
    if not copy_repository(copy):
        pytest.skip("not a git checkout: there is no list of the files to copy")
    _add_mineral(copy / MINERALS)
    # Four editions, production and reserves.
    assert _map_silver(copy / SERIES) == 8
    environment = command_environment(built) | {"PYTHONPATH": str(copy)}
    where = subprocess.run(
        [sys.executable, "-c", "import dagster_project, sources; print(sources.__file__)"],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert where.stdout.startswith(os.fspath(copy)), "the copy's packages must win"
    result = subprocess.run(
        [sys.executable, "-c", REFRESH],
        cwd=copy,
        env=environment,
        capture_output=True,
        text=True,
        timeout=480,
        check=False,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    settings = settings_of(built)
    # Every blocking check of the definitions ran and passed: it would be published.
    nodes, blocking = gate(settings_of(data))
    pass_gate(settings, nodes, blocking)
    # Views of the warehouse look for the lake where the environment says it is.
    with working_in(settings), reading(settings) as connection:
        yield connection


def test_silver_has_shares_as_the_page_prints_them(
    with_silver: duckdb.DuckDBPyConnection,
) -> None:
    assert printed_cells(answer(with_silver, QUERY)) == printed_cells(PRINTED)
    found = [(row[0], float(row[1]), float(row[2])) for row in printed_cells(PRINTED)[1:]]
    assert found == [
        ("MEX", 5780, round(5780 / 25300, 4)),
        ("PER", 3510, round(3510 / 25300, 4)),
        ("CHN", 3430, round(3430 / 25300, 4)),
    ]


@pytest.mark.parametrize(
    "mart",
    [
        "dim_mineral",
        "fct_production",
        "fct_reserve",
        "mart_production_share",
        "mart_supplier_concentration",
        "mart_reserve_share",
        "mart_edition_revision",
        "mart_coverage",
    ],
)
def test_silver_is_in_the_marts(with_silver: duckdb.DuckDBPyConnection, mart: str) -> None:
    count = f"select count(*) from marts.{mart} where mineral_id = 'silver'"
    assert with_silver.execute(count).fetchall()[0][0] > 0


def test_all_editions_of_silver_are_read(with_silver: duckdb.DuckDBPyConnection) -> None:
    found = with_silver.execute(
        "select distinct edition from marts.fct_production where mineral_id = 'silver' order by 1"
    ).fetchall()
    assert found == [("MCS2023",), ("MCS2024",), ("MCS2025",), ("MCS2026",)]
