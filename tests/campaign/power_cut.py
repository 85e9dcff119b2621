"""What a power cut leaves: writes, renames and syncs of a piece of work, recorded, and the disk after each of them.

Nothing is assumed of the disk but what POSIX promises: bytes of a file survive from its last fsync, names in a folder
from the folder's. Most file systems keep names in order; so each cut is made twice: names that were not synced are all
lost, or all kept. Bytes that were not synced are lost in both, and a file that never was is empty.
"""

import os
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

# Of `os`: what changes names, and what brings bytes and names to disk.
WATCHED = ("fsync", "replace", "rename", "link", "symlink", "unlink", "remove", "mkdir", "rmdir")
# A name is a file or folder (its inode), or a link (its target).
Entry = int | str


@dataclass
class Disk:
    """What would be found after a power cut: names of each folder, bytes of each file, by inode."""

    names: dict[int, dict[str, Entry]] = field(default_factory=dict)
    contents: dict[int, bytes] = field(default_factory=dict)

    def copy(self) -> "Disk":
        """Another one that goes its own way."""
        return Disk(
            {folder: dict(names) for folder, names in self.names.items()}, dict(self.contents)
        )

    def lay_out(self, inode: int, at: Path) -> None:
        """Write a folder as it would be found."""
        at.mkdir()
        for name, entry in self.names.get(inode, {}).items():
            path = at / name
            if isinstance(entry, str):
                path.symlink_to(entry)
            elif entry in self.names:
                self.lay_out(entry, path)
            else:
                path.write_bytes(self.contents.get(entry, b""))


@dataclass
class Recording:
    """The disk after each step of a piece of work, and what the step was."""

    root: int
    steps: list[tuple[str, Disk]] = field(default_factory=list)

    def cuts(self, into: Path) -> Iterator[tuple[str, Path]]:
        """Each disk, laid out; removed when the next one is asked for."""
        for number, (step, disk) in enumerate(self.steps):
            at = into / f"cut-{number}"
            disk.lay_out(self.root, at)
            yield step, at
            shutil.rmtree(at)


class _Recorder:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.recording = Recording(folder.stat().st_ino)
        # Held open, so that no later file gets the number of one that is gone: a disk gives it only once the name's end is synced.
        self._held: dict[int, int] = {}
        # What is there before the work lies on the disk.
        self.synced = Disk()
        self._note_names(self.synced)
        for path, inode in self._files():
            self.synced.contents[inode] = path.read_bytes()

    def _files(self) -> Iterator[tuple[Path, int]]:
        for at, _, files in os.walk(self.folder):
            for name in files:
                path = Path(at) / name
                if not path.is_symlink():
                    yield path, path.stat().st_ino

    def _note_names(self, disk: Disk, only: int | None = None) -> None:
        for at, folders, files in os.walk(self.folder):
            folder = Path(at).stat().st_ino
            if only in (None, folder):
                disk.names[folder] = {
                    name: str((Path(at) / name).readlink())
                    if (Path(at) / name).is_symlink()
                    else (Path(at) / name).stat().st_ino
                    for name in (*folders, *files)
                }

    def synced_now(self, descriptor: int) -> None:
        about = os.fstat(descriptor)
        if stat.S_ISDIR(about.st_mode):
            self._note_names(self.synced, about.st_ino)
        else:
            self.synced.contents[about.st_ino] = Path(f"/proc/self/fd/{descriptor}").read_bytes()

    def close(self) -> None:
        """Let go of all files."""
        for descriptor in self._held.values():
            os.close(descriptor)

    def step(self, what: str) -> None:
        for path, inode in self._files():
            if inode not in self._held:
                self._held[inode] = os.open(path, os.O_RDONLY)
        strict = self.synced.copy()
        # A folder whose own names were never synced is found empty.
        folders = {Path(at).stat().st_ino for at, _, _ in os.walk(self.folder)}
        for names in list(strict.names.values()):
            for entry in names.values():
                if entry in folders and entry not in strict.contents:
                    strict.names.setdefault(entry, {})
        ordered = Disk(contents=dict(self.synced.contents))
        self._note_names(ordered)
        self.recording.steps += [(f"{what}, names lost", strict), (f"{what}, names kept", ordered)]


@contextmanager
def recorded(folder: Path) -> Iterator[Recording]:
    """Record what the block does below a folder. Calls of Python's `os` are seen; what DuckDB writes is never synced
    until Python syncs it."""
    recorder = _Recorder(folder)

    def watched(name: str, real: Callable[..., Any]) -> Callable[..., Any]:
        def call(*arguments: Any, **more: Any) -> Any:
            result = real(*arguments, **more)
            if name == "fsync":
                recorder.synced_now(arguments[0])
            recorder.step(f"{name} {str(arguments[-1])[-40:]}")
            return result

        return call

    patches = [patch.object(os, name, watched(name, getattr(os, name))) for name in WATCHED]
    recorder.step("nothing done")
    for each in patches:
        each.start()
    try:
        yield recorder.recording
    finally:
        for each in patches:
            each.stop()
        recorder.step("all done")
        recorder.close()
