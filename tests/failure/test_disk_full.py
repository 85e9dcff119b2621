"""A full disk: one clear error, what is published and what lies in the lake stay, and it works once there
is room. RLIMIT_FSIZE stands in for the disk: a write beyond it fails in the same place as one without room.
"""

import resource
import subprocess
import sys
from pathlib import Path

import pytest

from dagster_project.publishing.release_files import DATABASE
from dagster_project.settings import PROJECT_ROOT, Settings
from tests.failure._helpers import (
    copied,
    environment,
    litter,
    mutate,
    publish,
    snapshot,
    whole,
)

pytestmark = pytest.mark.slow

PUBLISH = """
import sys
from dagster_project.publishing.release import PublishFailedError
from dagster_project.settings import load_settings
from tests.failure._helpers import publish
try:
    publish(load_settings())
except PublishFailedError as error:
    sys.exit(str(error))
"""
WRITE = """
import polars as pl
from dagster_project.settings import load_settings
from sources.reading.lake import write_table
from sources.reference.labels import mineral_ids
from sources.registry import reader_of
lake = load_settings().lake
write_table(
    pl.read_parquet(lake / "usgs_mcs" / "production.parquet"),
    reader_of("usgs_mcs").lake["production"],
    lake=lake, source_id="usgs_mcs", table="production",
    input_name="embedded", build_id="next", editions={}, minerals=mineral_ids(),
)
"""


def _with_room(settings: Settings, code: str, room: int) -> subprocess.CompletedProcess[str]:
    def limit() -> None:
        # Python ignores SIGXFSZ, so the write fails instead of the process.
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, resource.RLIM_INFINITY))

    return subprocess.run(
        [sys.executable, "-c", code],
        env=environment(settings.data, PYTHONPATH=str(PROJECT_ROOT)),
        preexec_fn=limit,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_publishing_on_a_full_disk_leaves_the_release(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(small, tmp_path_factory.mktemp("full") / "data")
    old = whole(settings)
    new = mutate(settings, "full disk")
    before = snapshot(settings.published)
    size = (settings.published / "current" / DATABASE).stat().st_size
    # In the log of the first table; in the checkpoint of the whole; in the companions' turn (none left).
    for room in (10_000, size // 2):
        failed = _with_room(settings, PUBLISH, room)
        assert failed.returncode == 1
        assert failed.stderr.startswith("not published: the release could not be written: ")
        assert "File too large" in failed.stderr
        assert "next: see that" in failed.stderr
        assert "Traceback" not in failed.stderr
        assert snapshot(settings.published) == before
        assert litter(settings) == []
        assert whole(settings) == old
    assert publish(settings).content_digest == new
    assert whole(settings)["content_digest"] == new


def test_lake_write_on_a_full_disk_leaves_the_table(
    small: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    settings = copied(small, tmp_path_factory.mktemp("full") / "data")
    before = snapshot(settings.lake_folder)
    failed = _with_room(settings, WRITE, 20_000)
    assert failed.returncode == 1
    assert "File too large" in failed.stderr.strip().splitlines()[-1]
    assert snapshot(settings.lake_folder) == before
    assert _with_room(settings, WRITE, 10_000_000).returncode == 0
