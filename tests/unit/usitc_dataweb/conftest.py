"""The source's real files, and the embedded snapshot, each read once."""

from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published
from sources.usitc_dataweb.reader import READER

SOURCE = load_source("usitc_dataweb")


@pytest.fixture(scope="session")
def published(shared_data: Path) -> dict[str, pl.DataFrame]:
    """Published tables, read from the publisher's real files."""
    return read_published(READER, SOURCE, Input.FILES, shared_data)


@pytest.fixture(scope="session")
def lake_tables(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Lake tables, tidied from the publisher's real files."""
    return READER.lake_tables(published)


@pytest.fixture(scope="session")
def embedded() -> dict[str, pl.DataFrame]:
    """Published tables of the snapshot; needs no shared folder."""
    return read_published(READER, SOURCE, Input.EMBEDDED, None)
