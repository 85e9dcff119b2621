"""The whole project on Spark: a standalone master and two workers build every seed, model and data test, and the
release made of their tables has the figures of DuckDB's.
"""

import json
import os
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import psutil
import pytest

from dagster_project.publishing.releases import DATABASE, current_release
from dagster_project.settings import Settings
from scripts.compare_engines import differences
from scripts.compare_releases import compare
from sources.reading.input import Input
from tests.clients import spark_python
from tests.copied_repository import refresh_copy
from tests.pages import ROOT

# A machine of two cores with other tests on it takes half an hour.
LONGEST_SECONDS = 3000
PARTS = ("deploy.master.Master", "deploy.worker.Worker", "CoarseGrainedExecutorBackend")
BUILT = ("seed", "model", "test")


def _running(data: Path) -> Iterator[tuple[int, str]]:
    """Process id and part of each process of Spark that works in this data folder."""
    for process in psutil.process_iter(["pid", "cwd", "cmdline"]):
        folder, words = process.info["cwd"] or "", process.info["cmdline"] or []
        # Shells and launchers that start a part name it too, and are gone at once.
        is_part = " ".join(words[:1]).endswith("java") and "launcher.Main" not in " ".join(words)
        if is_part and Path(folder).is_relative_to(data):
            yield from ((process.pid, part) for part in PARTS if part in " ".join(words))


def _seen_while(work: Future[None], data: Path) -> dict[str, set[int]]:
    """Process ids of each part of Spark that ran in the data folder until the work ended.

    Twice at least: what a part starts bears the part's own name for an instant.
    """
    looks: Counter[tuple[int, str]] = Counter()
    while not work.done():
        looks.update(_running(data))
        time.sleep(1)
    return {part: {pid for (pid, of), n in looks.items() if of == part and n > 1} for part in PARTS}


def _refresh_ahead_of_others(copy: Path, data: Path, **more: str) -> None:
    """All other tests end before this one: it goes first where cores are short, if the machine allows that."""
    with suppress(PermissionError):
        # Of this thread, and what it starts.
        os.nice(-3)
    refresh_copy(copy, data, timeout=LONGEST_SECONDS, **more)


@pytest.mark.slow
@pytest.mark.timeout(LONGEST_SECONDS + 600)
def test_marts_of_spark_equal_those_of_duckdb(few: Path, tmp_path: Path) -> None:
    python = spark_python()
    data = tmp_path / "data"
    for part in ("lake", "raw", "dbt"):
        shutil.copytree(few / part, data / part)
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(
            _refresh_ahead_of_others,
            few.parent / "repo",
            data,
            CHOKEPOINT_ENGINE="spark",
            CHOKEPOINT_SPARK_PYTHON=python,
            CHOKEPOINT_SPARK_MASTER="",
        )
        seen = _seen_while(work, data)
    work.result()

    # One master, two workers and the executor of each; none of them is left.
    assert [len(seen[part]) for part in PARTS] == [1, 2, 2]
    assert list(_running(data)) == []

    settings = Settings(data, Input.EMBEDDED, None)
    told = json.loads((settings.spark / "results.json").read_text(encoding="utf-8"))
    manifest = json.loads(_manifest(few).read_text(encoding="utf-8"))
    built = {node["unique_id"] for node in told["nodes"] if node["status"] in {"success", "pass"}}
    asked = {name for name in manifest["nodes"] if name.startswith(BUILT)}
    assert (told["executors"], told["error"], asked - built) == (2, "", set())

    made, before = current_release(data / "published"), current_release(few / "published")
    assert made is not None
    assert before is not None
    assert (made["engine"], before["engine"]) == ("spark", "duckdb")
    release = few / "published" / "current" / DATABASE
    assert differences(release, settings.spark_tables) == []
    # What readers get of it, too.
    models = ROOT / "dbt" / "models"
    lines, _ = compare(release, data / "published" / "current" / DATABASE, {}, 1e-9, models)
    assert lines == []


def _manifest(data: Path) -> Path:
    """dbt's account of the project, the largest file of that name: others hold a part."""
    return max(data.glob("dbt/**/manifest.json"), key=lambda path: path.stat().st_size)
