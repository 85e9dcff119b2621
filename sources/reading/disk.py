"""What outlives a power cut: files written beside and renamed, folders brought to disk. Imports nothing heavy."""

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes, *, outlives_power_cut: bool = True) -> None:
    """Write beside, flush to disk, rename: a reader sees the old file or the new one, whole.

    Args:
        outlives_power_cut: False for a note that may be lost, never torn: the flush is left out.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        with beside.open("wb") as handle:
            handle.write(content)
            if outlives_power_cut:
                handle.flush()
                os.fsync(handle.fileno())
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)


def sync_folder(folder: Path) -> None:
    """Bring a folder's list of names to disk, so that a rename in it outlives a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Bring every file and folder below a folder to disk, and the folder itself."""
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as handle:
                os.fsync(handle.fileno())
    for path in (folder, *(path for path in folder.rglob("*") if path.is_dir())):
        sync_folder(path)
