"""The embedded snapshot is the publisher's files, read; it holds figures, no prose; it can't be tampered with."""

import csv
import json
import shutil
from functools import partial
from pathlib import Path

import pytest
from publisher_files import SOURCE, assert_error_says

from sources.reading import catalog
from sources.reading.errors import SourceError
from sources.reading.input import Input
from sources.reading.published import read_published, verify_bytes
from sources.reading.snapshot import write_snapshot
from sources.registry import reader_of

# The longest cell is a label of 135 characters: MCS 2026 puts a sentence where the label of rubidium's reserves
# belongs. It was 98 (a heading of MCS 2023) until rows with such labels were read, November 2026.
MOST_CHARACTERS = 135
MOST_BYTES = 2_000_000


def _files(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Snapshot folder of a copy of the source, which the source now points to."""
    shutil.copytree(SOURCE.folder, tmp_path / "usgs_mcs")
    monkeypatch.setattr(catalog, "SOURCES_ROOT", tmp_path)
    return tmp_path / "usgs_mcs" / "snapshot"


def test_the_snapshot_holds_no_prose_and_no_big_file() -> None:
    tables = sorted(SOURCE.snapshot.rglob("*.csv"))
    assert len(tables) == 3 * len(SOURCE.editions)
    for path in tables:
        assert path.stat().st_size < MOST_BYTES, path
        with path.open(encoding="utf-8", newline="") as handle:
            rows = list(csv.reader(handle))
        assert "notes" not in {name.lower() for name in rows[0]}
        long = [cell for row in rows for cell in row if len(cell) > MOST_CHARACTERS]
        assert not long, f"{path}: {long[:3]}"


def test_a_changed_or_lost_table_of_the_snapshot_is_refused(copied: Path) -> None:
    changed = copied / "MCS2026" / "world_figure.csv"
    changed.write_bytes(changed.read_bytes().replace(b'"12,400"', b'"12,401"', 1))
    (copied / "MCS2025" / "file_rows.csv").unlink()
    with pytest.raises(SourceError) as raised:
        verify_bytes(SOURCE, Input.EMBEDDED, None)
    assert_error_says(
        raised,
        problem="not the one its manifest pins",
        where=str(copied),
        expected="every table of manifest.json",
        got="2 tables differ, 0 editions missing",
        next_step="make snapshot",
        offenders=["MCS2026/world_figure.csv: expected sha256", "MCS2025/file_rows.csv: expected"],
    )


def test_an_edition_without_a_snapshot_is_refused(copied: Path) -> None:
    manifest = json.loads((copied / "manifest.json").read_text(encoding="utf-8"))
    del manifest["MCS2026"]
    (copied / "manifest.json").write_text(json.dumps(manifest), encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        verify_bytes(SOURCE, Input.EMBEDDED, None)
    assert raised.value.offenders == ["MCS2026: not in manifest.json"]


def test_a_missing_manifest_is_refused(copied: Path) -> None:
    (copied / "manifest.json").unlink()
    with pytest.raises(SourceError) as raised:
        verify_bytes(SOURCE, Input.EMBEDDED, None)
    assert_error_says(
        raised,
        problem="the embedded snapshot is missing",
        where="manifest.json",
        expected="the manifest",
        got="no such file",
        next_step="restore it from git",
    )


@pytest.mark.parametrize("ask", [verify_bytes, partial(read_published, reader_of("usgs_mcs"))])
def test_input_files_without_a_folder_is_refused(ask) -> None:
    with pytest.raises(SourceError) as raised:
        ask(SOURCE, Input.FILES, None)
    assert_error_says(
        raised,
        problem="no folder of publishers' files is named",
        where="environment",
        expected="CHOKEPOINT_FILES=<folder>",
        got="CHOKEPOINT_FILES is not set",
        next_step="CHOKEPOINT_INPUT=embedded",
    )


def test_input_files_with_an_empty_folder_names_the_file_and_where_to_get_it(
    tmp_path: Path,
) -> None:
    with pytest.raises(SourceError) as raised:
        verify_bytes(SOURCE, Input.FILES, tmp_path)
    assert_error_says(
        raised,
        problem="a publisher's file is missing",
        where=str(tmp_path / "usgs_mcs/2023/world/mcs2023-abras_world.csv"),
        expected="the file of MCS2023",
        got="no such file",
        next_step="https://doi.org/10.5066/P9WCYUI6",
    )


@pytest.mark.shared
def test_the_real_files_are_the_pinned_ones(shared_data: Path) -> None:
    digests = verify_bytes(SOURCE, Input.FILES, shared_data)
    # sha256sum of the files, first sixteen digits; the first and the last of 77 in the old editions.
    listed = {edition: digest.split(",") for edition, digest in digests.items()}
    assert {edition: len(shas) for edition, shas in listed.items()} == {
        "MCS2023": 77, "MCS2024": 77, "MCS2025": 1, "MCS2026": 1,
    }  # fmt: skip
    assert listed["MCS2023"][0] == "46c56b16f8da04b2"
    assert listed["MCS2025"] + listed["MCS2026"] == ["c8d4f62366cfce69", "582a0aa231aea53d"]


def test_a_source_that_may_not_be_redistributed_gets_no_snapshot(copied: Path) -> None:
    before = _files(copied)
    with pytest.raises(SourceError) as raised:
        write_snapshot(
            reader_of(SOURCE.source_id),
            SOURCE.model_copy(update={"redistributable": False}),
            copied,
        )
    assert_error_says(
        raised,
        problem="the licence forbids redistribution",
        where="source.yml",
        expected="redistributable: true",
        got="redistributable: false",
        next_step="leave it out",
    )
    assert _files(copied) == before
