"""The release's real files, and the embedded snapshot, each read once."""

from pathlib import Path

import polars as pl
import pytest

from sources.cepii_baci.reader import READER
from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published

SOURCE = load_source("cepii_baci")


@pytest.fixture(scope="session")
def published(shared_data: Path) -> dict[str, pl.DataFrame]:
    """Published tables, streamed from the real files."""
    return read_published(READER, SOURCE, Input.FILES, shared_data)


@pytest.fixture(scope="session")
def lake_tables(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Lake tables, tidied from the real files."""
    return READER.lake_tables(published)


@pytest.fixture(scope="session")
def embedded() -> dict[str, pl.DataFrame]:
    """Lake tables of the snapshot; needs no shared folder."""
    return READER.lake_tables(read_published(READER, SOURCE, Input.EMBEDDED, None))
