"""Of every source: the embedded snapshot is the publisher's files, read; it is pinned, small, accounted for."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from sources.reading import catalog
from sources.reading.catalog import Source, load_source
from sources.reading.checks import records_are_accounted_for, satisfies_schema
from sources.reading.input import Input
from sources.reading.lake import content_digest
from sources.reading.open_file import Tables
from sources.reading.published import read_published, verify_bytes
from sources.reading.snapshot import write_snapshot
from sources.registry import all_sources, reader_of

MOST_BYTES = {"eu_crm": 1_000_000}
MOST_BYTES_OF_OTHERS = 2_000_000
# Of a whole snapshot with tables as Parquet, which git can't compress any further.
MOST_BYTES_WITH_PARQUET = 15_000_000
# Rows of a table of the snapshot, counted in the publisher's files without our code.
ROWS = {
    "usgs_mcs": {"MCS2025/file_rows.csv": 1, "MCS2024/file_rows.csv": 77},
    "eu_crm": {"EUCRM2023/supply_share.csv": 2561 + 907},
}
# Records of all editions, and how many of them we use, where that was counted without our code.
RECORDS = {
    "eurostat_comext": (26538, 23590),
    # Two rows of US helium are added to two others.
    "usgs_outlook": (703, 701),
    "world_bank_pink_sheet": (56374, 7940),
    "world_bank_wgi": (5642, 5550),
}


EMBEDDED = [
    source.source_id for source in all_sources() if source.redistributable and source.editions
]


@pytest.fixture(scope="module", params=EMBEDDED)
def source(request: pytest.FixtureRequest) -> Source:
    return load_source(request.param)


@pytest.fixture(scope="module")
def embedded(source: Source) -> Tables:
    return read_published(reader_of(source.source_id), source, Input.EMBEDDED, None)


@pytest.fixture(scope="module")
def published(source: Source, shared_data: Path) -> Tables:
    """The publisher's files, read once for two tests."""
    return read_published(reader_of(source.source_id), source, Input.FILES, shared_data)


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.mark.shared
def test_embedded_and_files_give_the_very_same_tables(
    source: Source, embedded: Tables, published: Tables
) -> None:
    assert set(embedded) == set(published) == set(reader_of(source.source_id).published)
    for table, frame in published.items():
        assert content_digest(embedded[table]) == content_digest(frame), table
    tidy = reader_of(source.source_id).tidy
    again = tidy(embedded, source)
    lake = tidy(published, source)
    assert set(again) == set(lake) == set(reader_of(source.source_id).lake)
    for table, frame in lake.items():
        assert content_digest(again[table]) == content_digest(frame), table


@pytest.mark.shared
def test_compiling_the_snapshot_again_changes_no_byte(
    source: Source,
    published: Tables,
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    shutil.copytree(source.folder, tmp_path / source.source_id)
    copied = tmp_path / source.source_id / "snapshot"
    committed = _files(copied)
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    shutil.rmtree(copied)
    reader = replace(reader_of(source.source_id), stream=lambda _source, _root: published)
    rows = write_snapshot(reader, source, shared_data)
    assert _files(copied) == committed
    assert set(rows) | {"manifest.json"} == set(committed)
    for table, count in ROWS.get(source.source_id, {}).items():
        assert rows[table] == count


def test_every_table_is_pinned_and_small(source: Source) -> None:
    editions = [edition.edition for edition in source.editions]
    assert list(verify_bytes(source, Input.EMBEDDED, None)) == editions
    found = _files(source.snapshot)
    manifest = json.loads(found.pop("manifest.json"))
    assert {name for tables in manifest.values() for name in tables} == set(found)
    assert len(found) == len(editions) * len(reader_of(source.source_id).published)
    most = MOST_BYTES.get(source.source_id, MOST_BYTES_OF_OTHERS)
    texts = {name: content for name, content in found.items() if not name.endswith(".parquet")}
    assert max(len(content) for content in texts.values()) < most
    tables = {Path(name).stem for name in set(found) - set(texts)}
    assert tables == reader_of(source.source_id).parquet
    # Text is what a diff can show: Parquet is for those with over 100,000 rows.
    assert not tables or source.source_id in {"cepii_baci", "usitc_dataweb"}
    assert sum(len(content) for content in found.values()) < MOST_BYTES_WITH_PARQUET


def test_every_record_is_used_or_has_a_reason(source: Source, embedded: Tables) -> None:
    lake = reader_of(source.source_id).tidy(embedded, source)
    for table, frame in lake.items():
        assert satisfies_schema(frame, reader_of(source.source_id).lake[table]).passed, table
    if source.source_id in RECORDS:
        used = [frame for frame in lake.values() if "file_row" in frame.columns]
        outcome = records_are_accounted_for(used, lake["not_used"], lake["file_rows"])
        assert outcome.passed, outcome.offenders
        counted = (outcome.numbers["records_in"], outcome.numbers["records_used"])
        assert counted == RECORDS[source.source_id]


@pytest.mark.parametrize(
    "source_id", ["eu_crm", "eurostat_comext", "world_bank_pink_sheet", "world_bank_wgi"]
)
def test_a_source_under_cc_by_says_so(source_id: str) -> None:
    source = load_source(source_id)
    assert source.licence.licence_id == "CC-BY-4.0"
    assert "CC BY 4.0" in source.credit_line
    assert source.redistributable
