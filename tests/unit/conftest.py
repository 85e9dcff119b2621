"""The real editions, read once for all unit tests."""

from pathlib import Path

import polars as pl
import pytest

from sources.catalog import load_source
from sources.inputs import Input, read_published
from sources.usgs_mcs.tidy import tidy


@pytest.fixture(scope="session")
def published(shared_data: Path) -> dict[str, pl.DataFrame]:
    """Published tables, read from the publisher's real files."""
    return read_published(load_source("usgs_mcs"), Input.FILES, shared_data)


@pytest.fixture(scope="session")
def lake_tables(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Lake tables, tidied from the publisher's real files."""
    return tidy(published)
