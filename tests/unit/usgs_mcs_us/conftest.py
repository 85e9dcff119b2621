"""The real US editions, read once."""

from collections.abc import Mapping
from pathlib import Path

import dataframely as dy
import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.lake import validated
from sources.usgs_mcs_us.reader import READER

Tables = dict[str, pl.DataFrame]
SOURCE = load_source(READER.source_id)


def _valid(tables: Tables, schemas: Mapping[str, type[dy.Schema]]) -> Tables:
    return {
        name: validated(frame, schemas[name], READER.source_id, name)
        for name, frame in tables.items()
    }


@pytest.fixture(scope="session")
def us_published(shared_data: Path) -> Tables:
    """Published tables, read from the publisher's real files."""
    return _valid(READER.read_files(SOURCE, shared_data), READER.published)


@pytest.fixture(scope="session")
def us_lake(us_published: Tables) -> Tables:
    """Lake tables, tidied from the publisher's real files."""
    return _valid(READER.lake_tables(us_published), READER.lake)
