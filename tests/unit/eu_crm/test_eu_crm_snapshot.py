"""The embedded snapshot is the study's files, read; its bytes are pinned."""

import json
import shutil
from pathlib import Path

import polars as pl
import pytest
from eu_crm_files import EDITION, SOURCE

from sources import catalog
from sources.contract import content_digest
from sources.eu_crm.tidy import tidy
from sources.inputs import Input, verify_bytes, write_snapshot

Tables = dict[str, pl.DataFrame]


@pytest.mark.shared
def test_embedded_and_files_give_the_very_same_tables(
    published: Tables, lake_tables: Tables, embedded: Tables
) -> None:
    assert set(embedded) == set(published)
    for table, frame in published.items():
        assert content_digest(embedded[table]) == content_digest(frame), table
    again = tidy(embedded)
    assert set(again) == set(lake_tables)
    for table, frame in lake_tables.items():
        assert content_digest(again[table]) == content_digest(frame), table


@pytest.mark.shared
def test_compiling_the_snapshot_again_changes_no_byte(
    shared_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(SOURCE.folder, tmp_path / "eu_crm")
    committed = {
        path.relative_to(SOURCE.snapshot): path.read_bytes()
        for path in SOURCE.snapshot.rglob("*")
        if path.is_file()
    }
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    shutil.rmtree(SOURCE.snapshot)
    rows = write_snapshot(SOURCE, shared_data)
    assert {path: (SOURCE.snapshot / path).read_bytes() for path in committed} == committed
    assert rows["EUCRM2023/supply_share.csv"] == 2561 + 907


@pytest.mark.shared
def test_the_real_files_are_the_pinned_ones(shared_data: Path) -> None:
    digests = verify_bytes(SOURCE, Input.FILES, shared_data)
    # sha256sum of the five files, in the order of source.yml, first sixteen digits.
    assert digests == {
        "EUCRM2023": (
            "7d06ae6b154933f5,b0c89120d99204ba,7dbcb284a429647e,6875e3b49a407b32,305935504c024eb9"
        )
    }


def test_the_snapshot_is_pinned_and_small() -> None:
    assert list(verify_bytes(SOURCE, Input.EMBEDDED, None)) == [EDITION.edition]
    manifest = json.loads((SOURCE.snapshot / "manifest.json").read_text(encoding="utf-8"))
    found = {str(path.relative_to(SOURCE.snapshot)) for path in SOURCE.snapshot.rglob("*.csv")}
    assert {name for tables in manifest.values() for name in tables} == found
    assert all(path.stat().st_size < 1_000_000 for path in SOURCE.snapshot.rglob("*.csv"))


def test_the_source_names_licence_and_credit() -> None:
    assert SOURCE.licence.licence_id == "CC-BY-4.0"
    assert "CC BY 4.0" in SOURCE.credit_line
    assert SOURCE.redistributable
    assert EDITION.url.endswith("10.2873/725585")
