"""Damaging copies of the publisher's real files, pinning them anew, and reading them as a refresh does."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest
from publisher_files import EDITIONS, FILE_2025, SOURCE

from sources.reading.catalog import Source
from sources.reading.errors import SourceError
from sources.reading.files import sha256_of
from sources.reading.input import Input
from sources.reading.lake import validated
from sources.reading.published import read_published
from sources.usgs_mcs.reader import READER


def replaced(path: Path, *pairs: tuple[str, str]) -> None:
    """Each old text, which must be there, becomes the new one, once; bytes of cp1252."""
    content = path.read_bytes()
    for old, new in pairs:
        assert old.encode("cp1252") in content, old
        content = content.replace(old.encode("cp1252"), new.encode("cp1252"), 1)
    path.write_bytes(content)


def rezipped(path: Path, change: Callable[[bytes], bytes]) -> None:
    with zipfile.ZipFile(path) as archive:
        content = change(archive.read(FILE_2025))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(FILE_2025, content)


def source_of(edition: str, root: Path, *, pin: bool = True) -> Source:
    """The source with that edition alone, its pins those of the copies."""
    whole = EDITIONS[edition]
    files = [
        file.model_copy(update={"sha256": sha256_of(root / file.path)}) if pin else file
        for file in whole.files
        if (root / file.path).exists() or not pin
    ]
    alone = whole.model_copy(update={"files": tuple(files)})
    return SOURCE.model_copy(update={"editions": (alone,)})


def read(source: Source, root: Path) -> dict[str, pl.DataFrame]:
    """All doors from bytes to the edge of the lake, as a refresh passes them."""
    lake = READER.tidy(read_published(READER, source, Input.FILES, root), source)
    return {
        table: validated(frame, READER.lake[table], source.source_id, f"lake/usgs_mcs/{table}")
        for table, frame in lake.items()
    }


def refused(edition: str, root: Path, *, pin: bool = True) -> pytest.ExceptionInfo[SourceError]:
    source = source_of(edition, root, pin=pin)
    with pytest.raises(SourceError) as raised:
        read(source, root)
    return raised
