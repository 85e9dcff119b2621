"""What a zip is refused for before and while it is inflated: each one `SourceError` that says all of it."""

import contextlib
import struct
import zipfile
from pathlib import Path

import pytest
from baci_files import (
    EDITION,
    MEMBER,
    ROWS,
    SOURCE,
    ZIP,
    cut,
    refused,
    small_zip,
    text_of,
    write_zip,
)
from publisher_files import assert_error_says

from sources.cepii_baci import archive, layouts, stream
from sources.cepii_baci.archive import members_of
from sources.reading.errors import SourceError
from sources.reading.files import pinned_path

GOOD = ROWS[1]


def _member_at(path: Path) -> zipfile.ZipInfo:
    with zipfile.ZipFile(path) as opened:
        return opened.getinfo(MEMBER)


def test_an_error_page_instead_of_a_zip_stops(tmp_path: Path) -> None:
    path = tmp_path / ZIP
    path.write_bytes(b"<!DOCTYPE html>\n<html><title>503</title></html>\n")
    assert_error_says(
        refused(path),
        source="cepii_baci",
        problem="the zip can't be read",
        where=ZIP,
        expected="a whole zip archive",
        got="<!DOCTYPE html>",
        next_step="an error page was saved under its name",
    )


def test_other_bytes_than_the_pinned_ones_stop_before_they_are_read(tmp_path: Path) -> None:
    (tmp_path / "cepii_baci").mkdir()
    small_zip(tmp_path / "cepii_baci", *ROWS)
    file = next(file for file in EDITION.files if file.path.endswith(ZIP))
    with pytest.raises(SourceError, match="the bytes of a pinned edition changed"):
        pinned_path(SOURCE, EDITION, file, tmp_path)


def test_a_cut_zip_stops(tmp_path: Path) -> None:
    path = small_zip(tmp_path, *ROWS)
    path.write_bytes(path.read_bytes()[:-30])
    assert "the zip can't be read" in str(refused(path).value)


def test_a_cut_member_stops(tmp_path: Path) -> None:
    """The directory is whole and promises more packed bytes than its deflate stream has."""
    content = text_of(*ROWS * 3_000)
    whole = write_zip(tmp_path / "whole.zip", {MEMBER: content})
    half = write_zip(tmp_path / ZIP, {MEMBER: content[: len(content) // 2]})
    asked, got = _member_at(whole), _member_at(half)
    sizes = struct.pack("<LLL", got.CRC, got.compress_size, got.file_size)
    cut(half, sizes, struct.pack("<LLL", asked.CRC, got.compress_size, asked.file_size), last=True)
    assert_error_says(
        refused(half),
        source="cepii_baci",
        problem="a member is cut or damaged",
        where=MEMBER,
        expected=f"{len(content):,} bytes, CRC {asked.CRC:08x}",
        got=f"{len(content) // 2:,} bytes",
        next_step="fetch the zip again",
    )


def test_packed_bytes_that_end_early_stop(tmp_path: Path) -> None:
    path = small_zip(tmp_path, *ROWS * 3_000)
    info = _member_at(path)
    sizes = struct.pack("<LLL", info.CRC, info.compress_size, info.file_size)
    cut(
        path,
        sizes,
        struct.pack("<LLL", info.CRC, info.compress_size // 2, info.file_size),
        last=True,
    )
    assert "a member is cut or damaged" in str(refused(path).value)


def test_a_flipped_byte_stops(tmp_path: Path) -> None:
    for method in (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED):
        path = write_zip(tmp_path / ZIP, {MEMBER: text_of(*ROWS * 300)}, method)
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0x01
        path.write_bytes(content)
        problem = str(refused(path).value)
        assert any(
            said in problem
            for said in ("a member is cut or damaged", "can't be read", "not laid out as BACI's")
        )


def test_a_wrong_crc_stops(tmp_path: Path) -> None:
    path = small_zip(tmp_path, *ROWS)
    info = _member_at(path)
    cut(path, struct.pack("<L", info.CRC), struct.pack("<L", info.CRC ^ 1), last=True)
    assert "a member is cut or damaged" in str(refused(path).value)


def test_a_bomb_that_declares_its_size_is_not_inflated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "MOST_MEMBER_BYTES", 1_000_000)
    path = write_zip(tmp_path / ZIP, {MEMBER: b"0" * 1_000_001})
    monkeypatch.setattr(layouts, "read_years", None)
    assert_error_says(
        refused(path),
        source="cepii_baci",
        problem="the zip declares members larger than we read",
        where=ZIP,
        expected="at most 1,000,000 bytes",
        got="1 of 1 members larger",
        next_step="raise MOST_MEMBER_BYTES",
        offenders=[f"{MEMBER}: 1,000,001 bytes"],
    )


def test_a_bomb_that_lies_about_its_size_is_stopped_on_the_way(tmp_path: Path) -> None:
    path = write_zip(tmp_path / ZIP, {MEMBER: text_of(*ROWS) + b"\n" * (64 << 20)})
    info = _member_at(path)
    sizes = struct.pack("<LLL", info.CRC, info.compress_size, info.file_size)
    cut(path, sizes, struct.pack("<LLL", info.CRC, info.compress_size, 1_000), last=True)
    assert_error_says(
        refused(path),
        source="cepii_baci",
        problem="a member inflates to more than it declares",
        where=MEMBER,
        expected="1,000 bytes",
        got="where we stopped",
        next_step="don't unpack it",
    )


@pytest.mark.parametrize("name", ["../x.csv", "/etc/x.csv", "a/b.csv", "C:\\x.csv", "..\\x.csv"])
def test_a_member_with_a_path_stops(tmp_path: Path, name: str) -> None:
    path = write_zip(tmp_path / ZIP, {MEMBER: text_of(*ROWS), name: b"x"})
    raised = refused(path)
    assert_error_says(
        raised,
        source="cepii_baci",
        problem="members that a release of BACI does not have",
        where=ZIP,
        expected="plain names, each once",
        got="1 names with a path",
        next_step="don't unpack it",
    )
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_twice_stops(tmp_path: Path) -> None:
    path = tmp_path / ZIP
    with zipfile.ZipFile(path, "w") as opened:
        opened.writestr(MEMBER, text_of(*ROWS))
        opened.writestr(MEMBER, text_of(GOOD))
    assert f"twice: '{MEMBER}'" in str(refused(path).value)


def test_other_packing_and_encryption_stop(tmp_path: Path) -> None:
    path = write_zip(tmp_path / ZIP, {MEMBER: text_of(*ROWS)}, zipfile.ZIP_LZMA)
    assert "method 14" in str(refused(path).value)
    path = small_zip(tmp_path, *ROWS)
    content = bytearray(path.read_bytes())
    content[content.rindex(b"PK\x01\x02") + 8] |= 0x1
    path.write_bytes(content)
    assert "encrypted" in str(refused(path).value)


def test_a_directory_that_points_elsewhere_stops(tmp_path: Path) -> None:
    path = small_zip(tmp_path, *ROWS)
    content = bytearray(path.read_bytes())
    content[0:4] = b"XXXX"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="the zip can't be read"):
        list(members_of(path)[MEMBER].packed())


def test_any_cut_or_changed_directory_is_our_error(tmp_path: Path) -> None:
    """Cut in front or behind at every byte, and with every byte of its directory changed."""
    whole = small_zip(tmp_path, GOOD).read_bytes()
    path = tmp_path / "damaged.zip"
    begins = whole.index(b"PK\x01\x02")
    damaged = [cut for at in range(len(whole)) for cut in (whole[:at], whole[at:])]
    damaged += [
        whole[:at] + bytes([value]) + whole[at + 1 :]
        for at in range(begins, len(whole))
        for value in (0, 127, 255)
    ]
    for content in damaged:
        path.write_bytes(content)
        with contextlib.suppress(SourceError):
            for member in members_of(path).values():
                for _ in stream.inflated(member):
                    pass
