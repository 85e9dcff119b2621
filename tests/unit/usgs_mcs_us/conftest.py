"""The real US editions, read once."""

from pathlib import Path

import polars as pl
import pytest

from sources.reading.catalog import load_source
from sources.reading.lake import validated
from sources.usgs_mcs_us import tidy as usgs_mcs_us

Tables = dict[str, pl.DataFrame]
SOURCE = load_source(usgs_mcs_us.SOURCE_ID)


def _valid(tables: Tables, schemas: dict) -> Tables:
    return {
        name: validated(frame, schemas[name], usgs_mcs_us.SOURCE_ID, name)
        for name, frame in tables.items()
    }


@pytest.fixture(scope="session")
def us_published(shared_data: Path) -> Tables:
    """Published tables, read from the publisher's real files."""
    return _valid(usgs_mcs_us.read_files(SOURCE, shared_data), usgs_mcs_us.PUBLISHED)


@pytest.fixture(scope="session")
def us_lake(us_published: Tables) -> Tables:
    """Lake tables, tidied from the publisher's real files."""
    return _valid(usgs_mcs_us.tidy(us_published), usgs_mcs_us.LAKE)
