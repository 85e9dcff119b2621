"""The real IEA editions, and the embedded ones, read once."""

from pathlib import Path

import polars as pl
import pytest

from sources.iea_critical_minerals.reader import READER
from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published

Tables = dict[str, pl.DataFrame]


@pytest.fixture(scope="session")
def iea_published(shared_data: Path) -> Tables:
    """Published tables, read from the publisher's real files."""
    return read_published(
        READER,
        load_source("iea_critical_minerals"),
        Input.FILES,
        shared_data,
    )


@pytest.fixture(scope="session")
def iea_snapshot() -> Tables:
    """Published tables of the embedded snapshot."""
    return read_published(
        READER,
        load_source("iea_critical_minerals"),
        Input.EMBEDDED,
        None,
    )


@pytest.fixture(scope="session")
def iea_lake(iea_snapshot: Tables) -> Tables:
    """Lake tables, tidied from the snapshot."""
    return READER.lake_tables(iea_snapshot)
