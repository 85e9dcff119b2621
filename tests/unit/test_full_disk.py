"""A disk that takes no more bytes, made by the kernel's own limit: the old table stays, whole."""

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import polars as pl
import pytest

from sources.reading.lake import read_sidecar, sidecar_matches, write_table
from sources.reading.lake_schemas import Production
from sources.reference.labels import mineral_ids

pytestmark = pytest.mark.shared


@contextmanager
def _full_disk(room: int) -> Iterator[None]:
    """No file may grow beyond `room` bytes: the kernel refuses the next write with EFBIG."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def _written(production: pl.DataFrame, lake: Path) -> None:
    write_table(
        production,
        Production,
        lake=lake,
        source_id="usgs_mcs",
        table="production",
        input_name="files",
        build_id="b1",
        editions={"MCS2026": "abc"},
        minerals=mineral_ids(),
    )


@pytest.mark.parametrize("room", [100, 20_000])
def test_a_full_disk(tmp_path: Path, lake_tables: dict[str, pl.DataFrame], room: int) -> None:
    production = lake_tables["production"]
    _written(production.head(5), tmp_path)
    before = {path.name: path.read_bytes() for path in (tmp_path / "usgs_mcs").iterdir()}
    with _full_disk(room), pytest.raises(OSError, match="File too large"):
        _written(production, tmp_path)
    assert {path.name: path.read_bytes() for path in (tmp_path / "usgs_mcs").iterdir()} == before
    assert sidecar_matches(tmp_path, read_sidecar(tmp_path, "usgs_mcs", "production"))
