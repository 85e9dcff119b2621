"""The whole project on Spark: a standalone master and two workers build every seed, model and data test, and the
release made of their tables has the figures of DuckDB's.
"""

import json
import shutil
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
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

# A machine of two cores with other tests on it takes a quarter of an hour.
LONGEST_SECONDS = 3000
PARTS = ("deploy.master.Master", "deploy.worker.Worker", "CoarseGrainedExecutorBackend")
BUILT = ("seed", "model", "test")

pytestmark = [pytest.mark.slow, pytest.mark.timeout(LONGEST_SECONDS + 600)]


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


@pytest.fixture(scope="module")
def on_spark(
    few: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Path, dict[str, set[int]]]:
    """Data folder after a refresh on Spark of the lake of `few`; and the processes of Spark that were seen."""
    python = spark_python()
    data = tmp_path_factory.mktemp("on_spark") / "data"
    for part in ("lake", "raw", "dbt"):
        shutil.copytree(few / part, data / part)
    with ThreadPoolExecutor(1) as thread:
        work = thread.submit(
            refresh_copy,
            few.parent / "repo",
            data,
            timeout=LONGEST_SECONDS,
            CHOKEPOINT_ENGINE="spark",
            CHOKEPOINT_SPARK_PYTHON=python,
            CHOKEPOINT_SPARK_MASTER="",
        )
        seen = _seen_while(work, data)
    work.result()
    return data, seen


def test_a_master_and_two_workers_built_it_and_are_gone(
    on_spark: tuple[Path, dict[str, set[int]]],
) -> None:
    data, seen = on_spark
    # One master, two workers and the executor of each; none of them is left.
    assert [len(seen[part]) for part in PARTS] == [1, 2, 2]
    assert list(_running(data)) == []


def test_every_seed_model_and_data_test_passed(
    few: Path, on_spark: tuple[Path, dict[str, set[int]]]
) -> None:
    told = json.loads((on_spark[0] / "spark" / "results.json").read_text(encoding="utf-8"))
    manifest = json.loads(_manifest(few).read_text(encoding="utf-8"))
    built = {node["unique_id"] for node in told["nodes"] if node["status"] in {"success", "pass"}}
    asked = {name for name in manifest["nodes"] if name.startswith(BUILT)}
    assert (told["executors"], told["error"], asked - built) == (2, "", set())


def test_marts_of_spark_equal_those_of_duckdb(
    few: Path, on_spark: tuple[Path, dict[str, set[int]]]
) -> None:
    tables = Settings(on_spark[0], Input.EMBEDDED, None).spark_tables
    assert differences(few / "published" / "current" / DATABASE, tables) == []


def test_the_release_says_its_engine_and_is_the_same(
    few: Path, on_spark: tuple[Path, dict[str, set[int]]]
) -> None:
    published = on_spark[0] / "published"
    made, before = current_release(published), current_release(few / "published")
    assert made is not None
    assert before is not None
    assert (made["engine"], before["engine"]) == ("spark", "duckdb")
    release = few / "published" / "current" / DATABASE
    models = ROOT / "dbt" / "models"
    lines, _ = compare(release, published / "current" / DATABASE, {}, 1e-9, models)
    assert lines == []


def _manifest(data: Path) -> Path:
    """dbt's account of the project, the largest file of that name: others hold a part."""
    return max(data.glob("dbt/**/manifest.json"), key=lambda path: path.stat().st_size)
