"""Digests of files by their bytes: what something was made from. Imports nothing that is heavy."""

import hashlib
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path

SOURCES = Path(__file__).resolve().parent.parent
NO_CODE = {"__pycache__", "target", "logs"}
# What reads and checks publishers' files, beside our own code.
ENGINES = ("polars", "pyarrow", "dataframely", "fastexcel", "isal")


def code_files(folder: Path) -> Iterator[Path]:
    """Files below a folder, in order, without what a program left there."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not NO_CODE & set(path.relative_to(folder).parts):
            yield path


def digest_of(files: Iterable[Path], engines: Iterable[str], *stated: object) -> str:
    """SHA-256 of what is stated, of the versions of engines, and of files with their places.

    A file that is not there counts too: it may come.
    """
    versions = [platform.python_version(), *(f"{name} {version(name)}" for name in engines)]
    digest = hashlib.sha256(repr((versions, stated)).encode())
    for path in files:
        digest.update(f"\0{path}\0".encode())
        if path.is_file():
            with path.open("rb") as handle:
                digest.update(hashlib.file_digest(handle, "sha256").digest())
    return digest.hexdigest()


def code_of_source(source_id: str) -> Iterator[Path]:
    """Code and lists that make a source's lake tables: its own, without snapshots, and what all sources share."""
    yield from sorted(SOURCES.glob("*.py"))
    for folder in ("reading", "reference"):
        yield from code_files(SOURCES / folder)
    for path in code_files(SOURCES / source_id):
        if "snapshot" not in path.relative_to(SOURCES).parts:
            yield path
