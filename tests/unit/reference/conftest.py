"""Our own lists, read once."""

import polars as pl
import pytest

from sources.reference.tidy import tidy
from sources.registry import all_sources


@pytest.fixture(scope="session")
def lists() -> dict[str, pl.DataFrame]:
    """Every reference table, as it goes to the lake."""
    return tidy(all_sources())
