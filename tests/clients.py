"""Programs that are not in the locked environment: other DuckDB versions, validators, an S3 server, a browser, Spark.

`make clients` installs them; `.ci/run` does so first and sets CHOKEPOINT_REQUIRE_CLIENTS, after which one that
is missing fails its tests instead of skipping them.
"""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any, NoReturn

import pytest

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path.home() / ".cache" / "chokepoint-test"
# The oldest that opens our files, ours, its last repair, the newest.
VERSIONS = ["1.4.4", "1.5.5", "1.5.6", "2.0.0"]
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
# Run there, with nothing but DuckDB: each query's rows, or its error.
ASK = """
import json, sys, duckdb
path, queries = sys.argv[1], json.load(sys.stdin)
connection = duckdb.connect(path, read_only=True)
# On a busy machine a query is slow enough for a bar, which would stand in the answer.
connection.execute("set enable_progress_bar = false")
answers = []
for query in queries:
    try:
        answers.append({"rows": connection.execute(query).fetchall()})
    except duckdb.Error as error:
        answers.append({"error": str(error)})
json.dump({"version": duckdb.__version__, "answers": answers}, sys.stdout, default=str)
"""


def missing(what: str) -> NoReturn:
    """Skip, saying what to run; fail where nothing may be missing."""
    text = f"{what}: run `make clients`"
    if os.environ.get("CHOKEPOINT_REQUIRE_CLIENTS"):
        pytest.fail(f"CHOKEPOINT_REQUIRE_CLIENTS is set, and there is {text}")
    pytest.skip(text)


def duckdb_python(version: str) -> str:
    """The interpreter that has this DuckDB, in an environment of its own."""
    python = CACHE / f"duckdb-{version}" / "bin" / "python"
    if not python.exists():
        missing(f"no DuckDB {version} at {python}")
    return str(python)


def client(package: str, program: str) -> str:
    """A program of a package that has an environment of its own; `scripts/clients` says which version."""
    (found,) = [*CACHE.glob(f"{package}-*/bin/{program}")] or missing(
        f"no {program} of {package} in {CACHE}"
    )
    return str(found)


def is_installed(package: str) -> bool:
    """Whether `make clients` has installed it here."""
    return any(CACHE.glob(f"{package}-*"))


def spark_python() -> str:
    """The interpreter that has Spark and dbt-spark, and Java beside it."""
    python = ROOT / ".tools" / "spark" / "bin" / "python"
    if not python.exists():
        missing(f"no Spark at {python}")
    if not shutil.which("java"):
        missing("no Java on this machine, which Spark needs")
    return str(python)


def browser_path() -> str:
    """A Chromium of the machine."""
    for name in BROWSERS:
        if found := shutil.which(name):
            return found
    missing("no Chromium on this machine drives the atlas")


def answers(version: str, database: Path, queries: list[str]) -> list[dict[str, Any]]:
    """What this DuckDB answers to each query: `rows`, or its `error`."""
    shown = subprocess.run(
        [duckdb_python(version), "-c", ASK, str(database)],
        input=json.dumps(queries),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert shown.returncode == 0, shown.stderr
    told = json.loads(shown.stdout)
    assert told["version"] == version
    return told["answers"]
