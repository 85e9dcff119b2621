"""The published file opens in the DuckDB of analysts: an older one, ours, and newer ones."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.publishing.release_files import DATABASE
from dagster_project.settings import PROJECT_ROOT
from tests.clients import VERSIONS, duckdb_python
from tests.failure._helpers import environment

pytestmark = pytest.mark.slow

# What an analyst's DuckDB sees of the file; run there, with nothing but DuckDB.
LOOK = """
import json, sys, duckdb
path, row_id, attached = sys.argv[1:]
if attached == "attached":
    connection = duckdb.connect()
    connection.execute(f"attach '{path}' (read_only)")
    connection.execute("use critical_minerals")
else:
    connection = duckdb.connect(path, read_only=True)
# DuckDB 2.0 shows progress where a query takes long, as on a busy machine.
connection.execute("set enable_progress_bar = false")
def ask(sql):
    return connection.execute(sql).fetchall()
tables = [name for (name,) in ask(
    "select table_name from information_schema.tables "
    "where table_catalog = 'critical_minerals' and table_schema = 'marts' order by all"
)]
json.dump({
    "version": duckdb.__version__,
    "rows": {name: ask(f"select count(*) from marts.{name}")[0][0] for name in tables},
    "shares": ask("select * replace (printf('%.12g', production_share) as production_share) "
        "from (select mineral_id, stage, country_iso3, reference_year, production_share "
        "from marts.mart_production_share where production_share is not null order by all limit 500)"),
    "tables": ask("select schema_name, table_name, comment from duckdb_tables() "
        "where database_name = 'critical_minerals' union all "
        "select schema_name, view_name, comment from duckdb_views() "
        "where database_name = 'critical_minerals' and not internal order by all"),
    "columns": ask("select schema_name, table_name, column_name, data_type, comment "
        "from duckdb_columns() where database_name = 'critical_minerals' order by all"),
    "macros": ask("select schema_name, function_name, parameters, comment from duckdb_functions() "
        "where database_name = 'critical_minerals' and function_type like '%macro' order by all"),
    "explained": [[str(value) for value in row]
        for row in ask(f"select * from marts.explain_production('{row_id}')")],
    "release": ask("select release, content_digest from _build.release"),
}, sys.stdout)
"""


def _seen(python: str, database: Path, row_id: str, how: str) -> dict[str, Any]:
    shown = subprocess.run(
        [python, "-c", LOOK, str(database), row_id, how],
        env=environment(database.parent),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    return json.loads(shown.stdout)


@pytest.fixture(scope="module")
def expected(few: Path) -> dict[str, Any]:
    """What the DuckDB that wrote the file sees, and what the release states."""
    current = few / "published" / "current"
    with duckdb.connect(str(current / DATABASE), read_only=True) as connection:
        (row_id,) = connection.execute(
            "select min(source_row_id) from marts.fct_production"
        ).fetchall()[0]
    seen = _seen(sys.executable, current / DATABASE, row_id, "opened")
    about = json.loads((current / "release.json").read_text(encoding="utf-8"))
    assert seen["rows"] == about["tables"]
    assert all(comment for _, _, comment in seen["tables"])
    assert all(row[-1] for row in seen["columns"] if row[0] == "marts")
    macros = {path.stem for path in (PROJECT_ROOT / "dbt" / "published_macros").glob("*.sql")}
    assert {name for schema, name, _, _ in seen["macros"] if schema == "marts"} == macros
    assert all(comment for *_, comment in seen["macros"])
    assert len(seen["explained"]) >= 1
    return {"row_id": row_id, "seen": seen}


@pytest.mark.parametrize("how", ["opened", "attached"])
@pytest.mark.parametrize("version", VERSIONS)
def test_the_published_file_opens_whole(
    few: Path, expected: dict[str, Any], version: str, how: str
) -> None:
    database = few / "published" / "current" / DATABASE
    seen = _seen(duckdb_python(version), database, expected["row_id"], how)
    assert seen.pop("version") == version
    assert seen == {name: found for name, found in expected["seen"].items() if name != "version"}
