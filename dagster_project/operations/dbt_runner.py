"""dbt in this process: parse only when its files changed, run, and say what became of each node.

dagster-dbt's own route starts dbt as a child (3 s of imports) and asks the package registry for its
version; docs/decisions/0003 has the reasons. Dagster events are made in `defs/dbt/assets.py`.
"""

import fcntl
import gc
import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from dagster_project.settings import DBT_PROJECT, Settings, load_settings
from sources.reading.disk import sync_folder, sync_tree

KEPT_MANIFESTS = 4
MOST_SAID = 600
# As DuckDB says it of a database that another process has open.
IN_USE = "Conflicting lock is held"
PARSED = "partial_parse.msgpack"
MANIFEST = "manifest.json"
SUMS = "SHA256SUMS"
# The data folder while dbt parses: a manifest holds for any, a copied or moved one is not parsed again.
ANYWHERE = "/chokepoint-data"


class DbtError(Exception):
    """dbt could not parse or run the project at all. The text is dbt's own, shortened."""


@dataclass(frozen=True)
class NodeOutcome:
    """What became of one node of a run."""

    unique_id: str
    status: str
    failures: int | None
    seconds: float
    message: str
    compiled_sql: str | None


def _fingerprint() -> str:
    """Digest of everything that the manifest depends on; where the data lies is no part of it."""
    digest = hashlib.sha256(f"{version('dbt-core')} {ANYWHERE}".encode())
    for path in sorted(DBT_PROJECT.rglob("*")):
        if path.is_file() and "target" not in path.relative_to(DBT_PROJECT).parts:
            digest.update(str(path.relative_to(DBT_PROJECT)).encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _common_arguments(target: Path, logs: Path) -> list[str]:
    return [
        "--project-dir",
        str(DBT_PROJECT),
        "--profiles-dir",
        str(DBT_PROJECT),
        "--target-path",
        str(target),
        "--log-path",
        str(logs),
        "--quiet",
        # The difference that a unit test found is read in the UI and in files too.
        "--no-use-colors",
        # Results come back as objects; what dbt would print of them stands in its log file.
        "--log-level",
        "none",
        "--log-level-file",
        "info",
        # A test of severity warn that found something warns; whatever else dbt warns of is an error.
        "--warn-error-options",
        json.dumps({"error": "all", "warn": ["LogTestResult"]}),
    ]


def prepare_manifest(settings: Settings) -> Path:
    """Folder with `manifest.json` and `partial_parse.msgpack` of the project as it stands.

    Several processes may ask at once (webserver, daemon, a run): one parses, the others wait and take what it made.

    Raises:
        DbtError: the project does not parse.
    """
    folder = _manifest_folder(settings)
    if not _is_whole(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        with (folder.parent / ".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            # Of the files as they are now: while this waited, somebody may have changed them.
            folder = _manifest_folder(settings)
            if not _is_whole(folder):
                _parse(settings, folder)
    return folder


def _digests(folder: Path) -> str:
    return "".join(
        f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}\n"
        for name in (MANIFEST, PARSED)
    )


def _is_whole(folder: Path) -> bool:
    """Whether a parsed project is what was written: a damaged one would break every later refresh."""
    try:
        return (folder / SUMS).read_text(encoding="utf-8") == _digests(folder)
    except (OSError, ValueError):
        return False


def begin_manifest(settings: Settings) -> None:
    """Parse in a process of its own, where that is due: this one imports Dagster meanwhile, which takes as long.

    Nobody reads what it says: where it fails, `prepare_manifest` fails too, and tells.
    """
    if not _is_whole(_manifest_folder(settings)):
        nobody = subprocess.DEVNULL
        subprocess.Popen([sys.executable, "-m", __name__], stdout=nobody, stderr=nobody)


def _manifest_folder(settings: Settings) -> Path:
    return settings.dbt_target / "manifests" / _fingerprint()


def _parse(settings: Settings, folder: Path) -> None:
    """Parse the project beside and rename what came of it into place: killed, it leaves no half of a manifest."""
    beside = folder.with_name(f".{folder.name}")
    # Nobody else parses, by the lock: what lies here a killed process left.
    shutil.rmtree(beside, ignore_errors=True)
    beside.mkdir()
    earlier = [path for path in folder.parent.glob("[!.]*/" + PARSED) if _is_whole(path.parent)]
    if earlier := sorted(earlier, key=lambda path: path.stat().st_mtime):
        # dbt then reads again only the files that changed since: 3 s in place of 10.
        shutil.copy2(earlier[-1], beside / PARSED)
    # A quarter of a parse goes into looking for garbage, of which it makes none.
    gc.disable()
    try:
        with _environment(CHOKEPOINT_DATA=ANYWHERE, CHOKEPOINT_LAKE=""):
            invoke(["parse"], beside, settings.dbt_target / "logs")
        (beside / SUMS).write_text(_digests(beside), encoding="utf-8")
        sync_tree(beside)
        # One that is damaged stood there.
        shutil.rmtree(folder, ignore_errors=True)
        beside.rename(folder)
        sync_folder(folder.parent)
    finally:
        gc.enable()
        shutil.rmtree(beside, ignore_errors=True)
    others = [path for path in folder.parent.iterdir() if path.is_dir() and path != folder]
    for old in sorted(others, key=lambda path: path.stat().st_mtime)[: -KEPT_MANIFESTS or None]:
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _environment(**named: str) -> Iterator[None]:
    before = {name: os.environ[name] for name in named if name in os.environ}
    os.environ.update(named)
    try:
        yield
    finally:
        for name in named:
            del os.environ[name]
        os.environ.update(before)


@cache
def load_manifest(folder: Path) -> dict[str, Any]:
    """The manifest as Dagster reads it."""
    return json.loads((folder / MANIFEST).read_text(encoding="utf-8"))


def load_graph(settings: Settings, folder: Path) -> Any:
    """The manifest as dbt runs it, on this data folder."""
    from dbt.contracts.graph.manifest import Manifest

    graph = Manifest.from_msgpack((folder / PARSED).read_bytes())
    for source in graph.sources.values():
        location = source.config["external_location"]
        lake = str(settings.lake).replace("'", "''")
        source.config["external_location"] = location.replace(f"{ANYWHERE}/lake", lake)
    # The repo may have been moved, or another checkout parsed it: dbt opens seeds where they lay then.
    for node in graph.nodes.values():
        if node.resource_type == "seed":
            node.root_path = str(DBT_PROJECT)
    return graph


def run_dbt(
    settings: Settings,
    build_id: str,
    select: Sequence[str] = (),
    on_node: Callable[[str, str], None] | None = None,
    manifest_folder: Path | None = None,
) -> list[NodeOutcome]:
    """Build models and run data tests; unit tests only where they are named: a refresh leaves them to the test run.

    Args:
        select: names of nodes; empty for the whole project without unit tests.
        on_node: called with (name, status) as each node ends.
        manifest_folder: of `prepare_manifest`, when the caller began; files that changed since don't count.

    Raises:
        DbtError: dbt stopped before it ran any node.
    """
    graph = load_graph(settings, manifest_folder or prepare_manifest(settings))
    settings.warehouse.parent.mkdir(parents=True, exist_ok=True)
    if not select:
        # A whole build starts from nothing: what a deleted model left behind must not be published.
        settings.warehouse.unlink(missing_ok=True)
        settings.warehouse.with_name(f"{settings.warehouse.name}.wal").unlink(missing_ok=True)
    variables = {"build_id": build_id, "as_of": settings.as_of}
    if settings.engine == "spark" and not select:
        variables["tables_of"] = str(_built_on_spark(settings, variables))
    arguments = [
        "build",
        # The manifest stands already and results come back as objects: nobody reads these files.
        "--no-write-json",
        "--vars",
        json.dumps(variables),
    ]
    if select:
        arguments += ["--indirect-selection", "empty", "--select", *select]
    else:
        arguments += ["--exclude-resource-type", "unit_test"]
    target, logs = settings.dbt_target / "target", settings.dbt_target / "logs"
    return [
        NodeOutcome(
            unique_id=item.node.unique_id,
            status=str(item.status),
            failures=item.failures,
            seconds=float(item.execution_time),
            message=item.message or "",
            compiled_sql=getattr(item.node, "compiled_code", None),
        )
        for item in invoke(arguments, target, logs, manifest=graph, on_node=on_node)
    ]


def _built_on_spark(settings: Settings, variables: Mapping[str, str]) -> Path:
    """Folder of the tables that Spark built: DuckDB then takes them in place of building its own, and checks them."""
    from dagster_project.operations.spark import SparkError, build_on_spark

    try:
        build_on_spark(settings, variables)
    except SparkError as error:
        raise DbtError(str(error)) from None
    return settings.spark_tables


def invoke(
    arguments: Sequence[str],
    target: Path,
    logs: Path,
    *,
    manifest: Any = None,
    on_node: Callable[[str, str], None] | None = None,
) -> list[Any]:
    """What a command of dbt gave: its results, none of `parse`.

    Raises:
        DbtError: the command stopped before it had any.
    """
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt.cli.main import dbtRunner
    from dbt_common.events.base_types import EventLevel
    from dbt_common.events.event_manager import EventManager
    from dbt_common.events.event_manager_client import ctx_set_event_manager

    finished = "NodeFinished"

    class HeardEvents(EventManager):
        """Passes on what is logged or forwarded: of each debug event dbt makes a line that nobody reads."""

        def fire_event(self, e: Any, level: Any = None, *arguments: Any, **named: Any) -> None:
            if (level or e.level_tag()) != EventLevel.DEBUG or type(e).__name__ == finished:
                super().fire_event(e, level, *arguments, **named)

    def forward(event: Any) -> None:
        if on_node and event.info.name == finished:
            on_node(event.data.node_info.node_name, event.data.run_result.status)

    ctx_set_event_manager(HeardEvents())  # pyright: ignore[reportArgumentType]
    try:
        outcome = dbtRunner(manifest=manifest, callbacks=[forward]).invoke(
            [*arguments, *_common_arguments(target, logs)]
        )
    finally:
        # The adapter keeps its database open in this process; nobody else could open it read-only.
        DuckDBConnectionManager.close_all_connections()
    if not outcome.success:
        # What failed has a cursor, and with it that database, in a cycle of its error's frames.
        gc.collect()
    if outcome.exception is not None and not isinstance(outcome.exception, Exception):
        # Dagster makes an interrupt without words of it, and dbt a result of that.
        raise DbtError(f"dbt {arguments[0]} stopped by SIGTERM; next: `chokepoint refresh`")
    if outcome.exception is not None:
        raise DbtError(_in_words(arguments[0], str(outcome.exception), logs))
    if outcome.result is None:
        raise DbtError(_in_words(arguments[0], "it gave no result", logs))
    return list(getattr(outcome.result, "results", []))


def _in_words(command: str, said: str, logs: Path) -> str:
    """An error of dbt in one line, with the path of its log."""
    line = " ".join(said.split())
    do = "close what has that file open" if IN_USE in line else "correct that"
    cut = line if len(line) <= MOST_SAID else f"{line[:MOST_SAID]} …"
    return f"dbt {command} failed: {cut}; next: {do}; all that dbt said is in {logs / 'dbt.log'}"


if __name__ == "__main__":
    prepare_manifest(load_settings())
