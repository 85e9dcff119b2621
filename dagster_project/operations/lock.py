"""One refresh at a time, and nothing moves what it reads: an OS lock that the kernel frees when the process ends.

Locked is the folder, which outlives whoever deletes the lock's file; the file says who holds it, for people. A file
system that locks no folders (NFS) locks the file.
"""

import contextlib
import fcntl
import json
import os
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

LOOK_SECONDS = 0.2
# Of Linux: another one at each start of the machine.
BOOT = Path("/proc/sys/kernel/random/boot_id")
# Where a process began, in ticks since then, among what /proc says of it behind its name.
BEGAN_FIELD = 19


class RefreshRunningError(Exception):
    """Another refresh holds the lock. The text names its run and process."""


def _holder(path: Path) -> str:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return f"run {held['run_id']}, pid {held['pid']}, since {held['since']}"
    except FileNotFoundError:
        return "its holder is not known: somebody deleted the lock's file"
    except (OSError, ValueError, KeyError):
        return "its holder has not written its name yet"


def _locked(path: Path, operation: int) -> int:
    """Descriptor that has the lock of a file's folder, or of the file.

    Raises:
        BlockingIOError: another has it.
    """
    for locked, mode in ((path.parent, os.O_RDONLY), (path, os.O_RDWR | os.O_CREAT)):
        descriptor = os.open(locked, mode | os.O_CLOEXEC, 0o644)
        try:
            fcntl.flock(descriptor, operation | fcntl.LOCK_NB)
        except OSError as error:
            os.close(descriptor)
            if isinstance(error, BlockingIOError) or locked == path:
                raise
        else:
            return descriptor
    raise AssertionError(path)


def _taken(path: Path, wait_seconds: float) -> int | None:
    """The lock, or None where another process has it. Tried for longer than an instant: `is_held` takes it for one."""
    end = time.monotonic() + max(wait_seconds, LOOK_SECONDS)
    while True:
        try:
            return _locked(path, fcntl.LOCK_EX)
        except BlockingIOError:
            if time.monotonic() >= end:
                return None
            time.sleep(0.05)


def take(path: Path, run_id: str, *, wait_seconds: float = 0) -> int | None:
    """Descriptor of the lock, which is held until the last process that has it closes it; None where others hold it.

    Args:
        path: of the lock's file. A folder has one lock.
        run_id: who holds it, for people.
        wait_seconds: how long to wait for who holds it.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = _taken(path, wait_seconds)
    if descriptor is None:
        return None
    stamp = {
        "run_id": run_id,
        "pid": os.getpid(),
        "since": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }
    path.write_text(json.dumps(stamp), encoding="utf-8")
    return descriptor


@contextlib.contextmanager
def refresh_lock(path: Path, run_id: str, *, wait_seconds: float = 0) -> Iterator[None]:
    """Hold the lock for the block; arguments as those of `take`.

    Raises:
        RefreshRunningError: it is held, by a refresh and not by a passing look.
    """
    descriptor = take(path, run_id, wait_seconds=wait_seconds)
    if descriptor is None:
        raise RefreshRunningError(
            f"another refresh is running ({_holder(path)}), so nothing was touched. Wait for it to end, or "
            f"stop it, and try again; lock: {path}"
        )
    try:
        yield
    finally:
        os.close(descriptor)


def is_held(path: Path) -> str | None:
    """Who holds the lock now, in words; None where nobody does."""
    try:
        os.close(_locked(path, fcntl.LOCK_SH))
    except FileNotFoundError:
        return None
    except BlockingIOError:
        return _holder(path)
    return None


def process_tag(pid: int) -> str:
    """A process named so that a later one with the same pid is not taken for it: `pid@start on host`.

    The start is in ticks since that of the machine: a time of day becomes another one where the clock is set.
    """
    process = psutil.Process(pid)
    try:
        said = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
        began = f"{said.rpartition(') ')[2].split()[BEGAN_FIELD]}-{BOOT.read_text()[:8]}"
    except OSError:
        began = f"{process.create_time():.2f}"
    return f"{pid}@{began} on {socket.gethostname()}"


def _earlier_tags(pid: int) -> set[str]:
    """What versions before named a process: by the time of day, and at first without its host."""
    named = f"{pid}@{psutil.Process(pid).create_time():.2f}"
    return {named, f"{named} on {socket.gethostname()}"}


def is_alive(tag: str) -> bool:
    """Whether the process of a `process_tag` still runs on this host."""
    pid, _, _ = tag.partition("@")
    try:
        return tag in {process_tag(int(pid)), *_earlier_tags(int(pid))}
    except (psutil.NoSuchProcess, ValueError):
        return False
