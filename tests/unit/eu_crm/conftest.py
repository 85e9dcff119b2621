"""The study's real files, and the embedded snapshot, each read once."""

import csv
from pathlib import Path

import polars as pl
import pytest
from eu_crm_files import NAMES, SOURCE

from sources.eu_crm.reader import READER
from sources.reading.input import Input
from sources.reading.published import read_published


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


@pytest.fixture(scope="session")
def records(shared_data: Path) -> dict[str, dict[int, list[str]]]:
    """File to row number (header = 1) to cells, read without our code."""
    found: dict[str, dict[int, list[str]]] = {}
    for name in NAMES.values():
        path = shared_data / "eu_crm_2023" / name
        with path.open(encoding="cp1252", newline="") as handle:
            found[name] = dict(enumerate(csv.reader(handle), start=1))
    return found
