"""Shared by the failure tests: copies of a refreshed data folder, publishing alone, and what "whole" means."""

import ast
import contextlib
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dagster_project.operations.lock import refresh_lock
from dagster_project.publishing import audit, release_files
from dagster_project.publishing.artifacts import methods
from dagster_project.publishing.digest import schema_content
from dagster_project.publishing.release import ReleaseResult
from dagster_project.publishing.release import publish as publish_release
from dagster_project.publishing.release_files import DATABASE, MARTS
from dagster_project.publishing.warehouse import node_builds, reading, relations
from dagster_project.settings import PROJECT_ROOT, Settings
from sources.reading.input import Input

PUBLISHER = Path(__file__).with_name("_publisher.py")
# What a release needs in order to be built, and one macro reads: the others are left out of the small warehouse.
SMALL = {"dim_source", "dim_edition", "dim_stage", "fct_production", "mart_production_share"}
SMALL_MACRO = "explain_production"
# A guard against hanging, never a claim of speed: 300 s were too few for a run of the daemon beside Spark, on a
# host of half the speed (2026-12-01).
MOST_SECONDS = 900
# Put before a child's own code: every attempt to reach a network fails, and is counted.
OFFLINE = """
import sys
attempts = []
def _refuse(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        attempts.append((event, str(arguments)))
        raise OSError(f"no network in this test: {event} {arguments}")
sys.addaudithook(_refuse)
"""

# A test run publishes two hundred times: the pages of methods are turned into HTML once a process.
_methods: dict[tuple[str, frozenset[str]], str] = {}
_as_html = methods._html


def _html(text: str, names: set[str]) -> str:
    key = (text, frozenset(names))
    if key not in _methods:
        _methods[key] = _as_html(text, names)
    return _methods[key]


methods._html = _html
_all_macros = release_files._macro_files
_create_macros = release_files._create_macros


def _create_macros_that_bind(connection: duckdb.DuckDBPyConnection) -> None:
    """All of them; of a small warehouse the one that reads what it has."""
    found = connection.execute(
        "select 1 from information_schema.tables where table_name = 'mart_headline'"
    )
    is_small = not found.fetchall()
    with pytest.MonkeyPatch.context() as patch:
        if is_small:
            (small,) = [path for path in _all_macros() if path.stem == SMALL_MACRO]
            patch.setattr(release_files, "_macro_files", lambda: [small])
        _create_macros(connection)


release_files._create_macros = _create_macros_that_bind


def settings_of(folder: Path) -> Settings:
    return Settings(folder, Input.EMBEDDED, None)


def environment(folder: Path, **more: str) -> dict[str, str]:
    """Environment of a child that works on `folder` and nothing else."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHOKEPOINT_") and name != "DAGSTER_HOME"
    }
    return {**kept, "CHOKEPOINT_DATA": str(folder), "COLUMNS": "200", "NO_COLOR": "1", **more}


def _beside(source: str, target: str) -> str:
    """Copy a file; a release's is linked, for nothing in a release is ever written in place."""
    if "published" in Path(source).parts:
        os.link(source, target)
    else:
        shutil.copy2(source, target)
    return target


def copied(data: Path, target: Path) -> Settings:
    """A copy of a refreshed data folder, to be spoiled: all but the files of its releases."""
    shutil.copytree(data, target, symlinks=True, copy_function=_beside)
    return settings_of(target)


def make_small(data: Path, target: Path) -> Settings:
    """A copy with fewer marts, few rows in those, and its own release, so that one publish is short."""
    shutil.copytree(data, target, ignore=shutil.ignore_patterns("published"), dirs_exist_ok=True)
    settings = settings_of(target)
    with writing(settings) as connection:
        database = settings.warehouse.stem
        for schema in ("staging", "seeds", "intermediate", MARTS):
            for relation in relations(connection, schema, database):
                if relation.name not in SMALL:
                    kind = "view" if relation.table_sql is None else "table"
                    connection.execute(f"drop {kind} {schema}.{relation.name}")
        connection.execute("delete from marts.fct_production where mineral_id <> 'gallium'")
        connection.execute("delete from marts.mart_production_share where mineral_id <> 'gallium'")
    _rewrite(settings.warehouse)
    publish(settings)
    return settings


def _rewrite(database: Path) -> None:
    """The file without the room of what was deleted: each test copies it."""
    spacious = database.with_name("spacious.duckdb")
    database.rename(spacious)
    with duckdb.connect() as connection:
        connection.execute(f"attach '{spacious}' as spacious (read_only)")
        connection.execute(f"attach '{database}' as {database.stem}")
        connection.execute(f"copy from database spacious to {database.stem}")
    spacious.unlink()


def writing(settings: Settings) -> duckdb.DuckDBPyConnection:
    """A writer to the warehouse, which nobody but dbt has in real life."""
    return duckdb.connect(str(settings.warehouse))


def mutate(settings: Settings, text: str) -> str:
    """Give the warehouse new content, and return its digest: publishing it is real work."""
    with writing(settings) as connection:
        connection.execute(f"comment on table marts.dim_stage is 'Stages. {text}.'")
        connection.execute(f"update marts.dim_stage set stage_description = '{text}'")
    return warehouse_digest(settings)


def warehouse_digest(settings: Settings) -> str:
    with reading(settings) as connection:
        return schema_content(connection, MARTS).digest


def with_other_build_id(settings: Settings, build_id: str) -> None:
    """The same content, as if a refresh of this id had built it."""
    before = build_of(settings)
    with writing(settings) as connection:
        connection.execute("update _build.node set build_id = ?", [build_id])
    for path in settings.lake_folder.glob("*/*.json"):
        path.write_text(path.read_text("utf-8").replace(before, build_id), "utf-8")
    (settings.audit / f"{before}.json").rename(settings.audit / f"{build_id}.json")


def build_of(settings: Settings) -> str:
    """The one build that the warehouse carries."""
    with reading(settings) as connection:
        (build_id,) = {build for build, _ in node_builds(connection).values()}
    return build_id


def gate(settings: Settings) -> tuple[list[str], list[str]]:
    """Nodes and blocking checks as the definitions know them, read from what a refresh left."""
    with reading(settings) as connection:
        nodes = sorted(node_builds(connection))
    results = audit.read(settings.audit, build_of(settings))
    return nodes, [result.key for result in results]


def publish(settings: Settings) -> ReleaseResult:
    """Publish as the asset does: under the lock."""
    nodes, blocking = gate(settings)
    with refresh_lock(settings.lock, "test"):
        return publish_release(settings, nodes, blocking)


def whole(settings: Settings) -> dict[str, Any]:
    """`release.json` of `current`, once everything it promises was found true.

    It opens as an analyst opens it, its content has the digest it states, every file has its checksum and
    no file lacks one, and its macro works.
    """
    current = settings.published / "current"
    assert current.is_symlink()
    assert not current.readlink().is_absolute()
    about = json.loads((current / "release.json").read_text(encoding="utf-8"))
    assert about["release"] == current.resolve().name
    with duckdb.connect(str(current / DATABASE), read_only=True) as connection:
        assert schema_content(connection, MARTS).digest == about["content_digest"]
        stated = connection.execute("select release, content_digest from _build.release").fetchall()
        assert stated == [(about["release"], about["content_digest"])]
        explained = connection.execute(
            "select count(*) from marts.explain_production("
            "(select min(source_row_id) from marts.fct_production))"
        ).fetchall()
        assert explained > [(0,)]
    lines = (current / "SHA256SUMS").read_text(encoding="utf-8").splitlines()
    sums = {name: digest for digest, _, name in (line.partition("  ") for line in lines)}
    files = {str(path.relative_to(current)): path for path in current.rglob("*") if path.is_file()}
    assert set(files) == {*sums, "SHA256SUMS"}
    for name, digest in sums.items():
        assert hashlib.sha256(files[name].read_bytes()).hexdigest() == digest, name
    return about


def leftover_names(settings: Settings) -> list[str]:
    """What a killed publish left in sight of nobody."""
    return sorted(path.name for path in settings.published.glob(".*"))


def snapshot(folder: Path) -> dict[str, str]:
    """Every file and link under a folder, with its digest or target."""
    return {
        str(path.relative_to(folder)): str(path.readlink())
        if path.is_symlink()
        else hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_symlink() or path.is_file()
    }


@cache
def fault_points(*, exporting: bool = False) -> list[str]:
    """Names of all fault points of publishing, or of exporting, so that a new one cannot be forgotten."""
    names: list[str] = []
    for path in sorted((PROJECT_ROOT / "dagster_project").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "fault_point":
                argument = node.args[0]
                assert isinstance(argument, ast.Constant), f"{path}: a fault point has a plain name"
                names.append(str(argument.value))
    assert names
    assert len(names) == len(set(names)), "two fault points share a name"
    return [name for name in names if name.startswith("export_") == exporting]


class Publisher:
    """Publishes in processes that do nothing else, one at a time; `_publisher.py` starts them."""

    def __init__(self, settings: Settings, *arguments: str, **more: str) -> None:
        self._errors = (settings.data / "publisher.log").open("w+", encoding="utf-8")
        self._server = subprocess.Popen(
            [sys.executable, str(PUBLISHER), *arguments],
            env={**environment(settings.data), **more},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def start(self, kill_at: str = "") -> int:
        """Begin to publish, and return the process."""
        assert self._server.stdin is not None
        self._server.stdin.write(kill_at + "\n")
        self._server.stdin.flush()
        return int(self._answer("pid"))

    def end(self) -> int:
        """Its exit code: minus the signal where one ended it."""
        return int(self._answer("end"))

    def killed_after(self, seconds: float) -> bool:
        """Begin, and kill in the midst. Whether it was still at work."""
        pid = self.start()
        time.sleep(seconds)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return self.end() == -signal.SIGKILL

    def said(self) -> str:
        """What it wrote on its error stream."""
        self._errors.seek(0)
        return self._errors.read()

    def close(self) -> None:
        self._server.communicate(timeout=MOST_SECONDS)
        self._errors.close()

    def _answer(self, kind: str) -> str:
        assert self._server.stdout is not None
        got, _, text = self._server.stdout.readline().strip().partition(" ")
        assert got == kind, self.said()
        return text


def wait_until(condition: Callable[[], bool], process: subprocess.Popen[str], what: str) -> None:
    """Wait for something a child does; it must not end before."""
    deadline = time.monotonic() + MOST_SECONDS
    while not condition():
        if process.poll() is not None:
            raise AssertionError(f"ended before: {what}\n{process.communicate()}")
        assert time.monotonic() < deadline, f"never happened: {what}"
        time.sleep(0.005)
