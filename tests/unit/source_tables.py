"""Tables of a source, as fixtures of its folder: each read once a run."""

from collections.abc import Callable
from pathlib import Path

import pytest

from sources.reading.catalog import load_source
from sources.reading.input import Input
from sources.reading.open_file import Tables
from sources.reading.published import read_published
from sources.registry import reader_of


def fixtures_of(source_id: str) -> tuple[Callable[..., Tables], ...]:
    """Fixtures `published` and `lake_tables` of the publisher's real files, and `embedded` of the snapshot."""
    source, reader = load_source(source_id), reader_of(source_id)

    @pytest.fixture(scope="session")
    def published(shared_data: Path) -> Tables:
        """Published tables, read from the publisher's real files."""
        return read_published(reader, source, Input.FILES, shared_data)

    @pytest.fixture(scope="session")
    def lake_tables(published: Tables) -> Tables:
        """Lake tables, tidied from the publisher's real files."""
        return reader.lake_tables(published)

    @pytest.fixture(scope="session")
    def embedded() -> Tables:
        """Published tables of the snapshot; needs no shared folder."""
        return read_published(reader, source, Input.EMBEDDED, None)

    return published, lake_tables, embedded
