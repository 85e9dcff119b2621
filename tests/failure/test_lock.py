"""The lock: freed by the kernel at death, named while held, and not disturbed by those who only look."""

import errno
import fcntl
import json
import os
import signal
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from dagster_project.operations.lock import (
    RefreshRunningError,
    is_alive,
    is_held,
    process_tag,
    refresh_lock,
)
from dagster_project.settings import PROJECT_ROOT

HOLD = """
import sys
from pathlib import Path
from dagster_project.operations.lock import refresh_lock
with refresh_lock(Path(sys.argv[1]), "run-of-another"):
    print("held", flush=True)
    sys.stdin.readline()
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / ".lock")],
        cwd=PROJECT_ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    yield process
    process.kill()
    process.communicate()


@pytest.mark.slow
def test_a_held_lock_names_its_holder(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    expected = f"run run-of-another, pid {holder.pid}, since "
    assert expected in (is_held(path) or "")
    with pytest.raises(RefreshRunningError) as refused, refresh_lock(path, "mine"):
        pass
    assert expected in str(refused.value)
    assert "Wait for it to end, or stop it" in str(refused.value)
    # The command shows the cause at the root: it must be this text, not the kernel's.
    assert refused.value.__cause__ is None
    assert json.loads(path.read_text())["run_id"] == "run-of-another"


@pytest.mark.slow
def test_the_kernel_frees_the_lock_of_a_killed_process(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    tag = process_tag(holder.pid)
    assert is_alive(tag)
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert not is_alive(tag)
    assert is_held(tmp_path / ".lock") is None
    with refresh_lock(tmp_path / ".lock", "mine"):
        assert f"run mine, pid {os.getpid()}" in (is_held(tmp_path / ".lock") or "")


@pytest.mark.slow
def test_the_lock_outlives_its_file(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    path.unlink()
    assert "somebody deleted the lock's file" in (is_held(path) or "")
    with pytest.raises(RefreshRunningError), refresh_lock(path, "mine"):
        pass
    holder.kill()
    holder.wait()
    with refresh_lock(path, "mine"):
        assert "run mine" in (is_held(path) or "")


def test_a_disk_that_locks_no_folders_locks_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = fcntl.flock

    def refuse_folders(descriptor: int, operation: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(errno.EBADF, "Bad file descriptor")
        real(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", refuse_folders)
    path = tmp_path / ".lock"
    with refresh_lock(path, "mine"):
        assert "run mine" in (is_held(path) or "")
        with pytest.raises(RefreshRunningError), refresh_lock(path, "another"):
            pass
    assert is_held(path) is None


def test_looking_at_the_lock_never_refuses_a_refresh(tmp_path: Path) -> None:
    path = tmp_path / ".lock"
    done = threading.Event()

    def look() -> None:
        while not done.is_set():
            is_held(path)

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        for turn in range(200):
            with refresh_lock(path, str(turn)):
                pass
    finally:
        done.set()
        watcher.join()


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a start is a time of day")
def test_a_process_is_known_where_the_clock_is_set(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel then says that the machine started at another time, and psutil that all did."""
    own = process_tag(os.getpid())
    earlier = f"{os.getpid()}@{psutil.Process().create_time():.2f}"
    assert is_alive(earlier)
    started = psutil.boot_time()
    monkeypatch.setattr("psutil._pslinux.boot_time", lambda: started + 3600)
    assert is_alive(own)
    assert not is_alive(earlier)


def test_a_process_is_not_taken_for_another_with_its_number() -> None:
    own = process_tag(os.getpid())
    assert is_alive(own)
    assert not is_alive(f"{os.getpid()}@1.00")
    assert not is_alive("no process")
