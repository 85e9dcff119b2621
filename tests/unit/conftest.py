"""The real editions, read once for all unit tests: by our code, and beside it by `csv` alone."""

import csv
import io
import zipfile
from pathlib import Path

import polars as pl
import pytest
from publisher_files import FILE_2025, FILE_2026, Records

from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.published import read_published
from sources.usgs_mcs.reader import READER


@pytest.fixture(scope="session")
def published(shared_data: Path) -> dict[str, pl.DataFrame]:
    """Published tables, read from the publisher's real files."""
    return read_published(READER, load_source("usgs_mcs"), Input.FILES, shared_data)


@pytest.fixture(scope="session")
def lake_tables(published: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Lake tables, tidied from the publisher's real files."""
    return READER.lake_tables(published)


@pytest.fixture(scope="session")
def records(shared_data: Path) -> Records:
    """Every record of the 156 world files, read without our code."""
    folder = shared_data / "usgs_mcs"
    with zipfile.ZipFile(folder / "2025" / "World_Data.zip") as archive:
        texts = {("MCS2025", FILE_2025): archive.read(FILE_2025).decode("utf-8-sig")}
    texts["MCS2026", FILE_2026] = (folder / "2026" / FILE_2026).read_bytes().decode("cp1252")
    for year in ("2023", "2024"):
        for path in sorted((folder / year / "world").iterdir()):
            texts[f"MCS{year}", path.name] = path.read_bytes().decode("utf-8-sig")
    return {
        key: dict(enumerate(csv.DictReader(io.StringIO(text, newline="")), start=2))
        for key, text in texts.items()
    }
