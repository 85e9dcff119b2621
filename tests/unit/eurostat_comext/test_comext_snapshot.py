"""The embedded snapshot is the publisher's file, read; every record is accounted for; the schema holds."""

import shutil
from pathlib import Path

import polars as pl
import pytest

from sources import catalog
from sources.contract import content_digest
from sources.eurostat_comext.tidy import LAKE, tidy
from sources.inputs import Input, verify_bytes, write_snapshot
from sources.quality import records_are_accounted_for, satisfies_schema

SOURCE = catalog.load_source("eurostat_comext")
Tables = dict[str, pl.DataFrame]


@pytest.mark.shared
def test_embedded_and_files_give_the_very_same_tables(
    published: Tables, lake_tables: Tables, embedded: Tables
) -> None:
    assert set(embedded) == set(published)
    for table, frame in published.items():
        assert content_digest(embedded[table]) == content_digest(frame), table
    again = tidy(embedded)
    assert set(again) == set(lake_tables) == set(LAKE)
    for table, frame in lake_tables.items():
        assert content_digest(again[table]) == content_digest(frame), table


@pytest.mark.shared
def test_compiling_the_snapshot_again_changes_no_byte(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SOURCE.folder, tmp_path / SOURCE.source_id)
    committed = {
        path.relative_to(SOURCE.snapshot): path.read_bytes()
        for path in SOURCE.snapshot.rglob("*")
        if path.is_file()
    }
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    shutil.rmtree(SOURCE.snapshot)
    write_snapshot(SOURCE, shared_data)
    assert {path: (SOURCE.snapshot / path).read_bytes() for path in committed} == committed


def test_the_snapshot_is_pinned_and_small() -> None:
    assert list(verify_bytes(SOURCE, Input.EMBEDDED, None)) == [
        edition.edition for edition in SOURCE.editions
    ]
    assert all(path.stat().st_size < 2_000_000 for path in SOURCE.snapshot.rglob("*.csv"))


def test_every_record_is_used_or_has_a_reason(embedded: Tables) -> None:
    lake = tidy(embedded)
    used = [frame for frame in lake.values() if "file_row" in frame.columns]
    outcome = records_are_accounted_for(used, lake["not_used"], lake["file_rows"])
    assert outcome.passed, outcome.offenders
    assert outcome.numbers["records_in"] == 26538
    assert outcome.numbers["records_used"] == 20440
    for table, frame in lake.items():
        assert satisfies_schema(frame, LAKE[table]).passed, table


def test_the_source_names_licence_and_credit() -> None:
    assert SOURCE.licence.licence_id == "CC-BY-4.0"
    assert "CC BY 4.0" in SOURCE.credit_line
    assert SOURCE.redistributable
