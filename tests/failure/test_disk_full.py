"""A full disk: one clear error, what is published and what lies in the lake stay, and it works once there
is room. RLIMIT_FSIZE stands in for the disk: a write beyond it fails in the same place as one without room. A small
disk of memory is a real one, where this user may mount it.
"""

import os
import pty
import resource
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dagster_project.publishing.release_files import DATABASE
from dagster_project.settings import PROJECT_ROOT, Settings
from tests.failure._helpers import (
    copied,
    environment,
    leftover_names,
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
        # Python 3.11 would leave half of a compiled module in the checkout, and not notice.
        env=environment(settings.data, PYTHONPATH=str(PROJECT_ROOT), PYTHONDONTWRITEBYTECODE="1"),
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
        assert leftover_names(settings) == []
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


# The first is full before anything runs, the second amid some lake tables and Dagster's history.
AT_ONCE, AMID_A_RUN = 100_000, 16_000_000


@pytest.fixture
def small_disk(request: pytest.FixtureRequest, parsed: Path, tmp_path: Path) -> Iterator[Path]:
    """A disk that has room for dbt's parsed project and for so many bytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    # Whole pages, as a disk counts.
    used = sum(-(-path.stat().st_size // 4096) * 4096 + 4096 for path in parsed.rglob("*"))
    size = f"size={used + request.param}"
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", size, "tmpfs", disk], check=False, capture_output=True
    )
    if mounted.returncode:
        pytest.skip("this user may not mount a disk")
    try:
        shutil.copytree(parsed / "dbt", disk / "dbt")
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", disk], check=True)


def _told_on_a_terminal(data: Path) -> tuple[int, list[str]]:
    """Exit code of a refresh, and the lines that stand when it has ended."""
    program = str(Path(sys.executable).parent / "chokepoint")
    pid, terminal = pty.fork()
    if pid == 0:
        os.execve(program, [program, "refresh"], environment(data, TERM="xterm", COLUMNS="200"))
    got = b""
    try:
        while part := os.read(terminal, 65536):
            got += part
    except OSError:
        # Nobody writes to it any more.
        os.close(terminal)
    # What moved is wiped away.
    lines = got.decode().rpartition("\x1b[2K")[2].split("\r\n")
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), lines


@pytest.mark.parametrize("small_disk", [AT_ONCE, AMID_A_RUN], indirect=True)
def test_a_full_disk_is_told_on_a_terminal(small_disk: Path) -> None:
    """SQLite, Dagster or a lake table meets it first: one line says what to do, and so does the exit code.

    Python itself may say below it what it could not tidy away.
    """
    code, lines = _told_on_a_terminal(small_disk)
    told = [line for line in lines if "next: make room on the disk, or set CHOKEPOINT_DATA" in line]
    assert (code, len(told)) == (6, 1), lines
