"""Whatever can be wrong with a publisher's file is refused before its figures are looked at."""

import hashlib
import io
import zipfile
from pathlib import Path

import pytest
from publisher_files import (
    EDITION_2026,
    LONG,
    PAGE,
    SOURCE,
    WIDE,
    assert_error_says,
)

from sources.reading import files
from sources.reading.catalog import SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import pinned_path, read_bytes, sha256_of


def _pinned(content: bytes, name: str = "f.csv", member: str | None = None) -> SourceFile:
    sha = hashlib.sha256(content).hexdigest()
    return SourceFile(table="production", path=name, member=member, layout="long_2026", sha256=sha)


def _zip(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def test_the_pinned_bytes_are_taken(tmp_path: Path) -> None:
    (tmp_path / "f.csv").write_bytes(LONG)
    path = pinned_path(SOURCE, EDITION_2026, _pinned(LONG), tmp_path)
    assert read_bytes(SOURCE, _pinned(LONG), path) == LONG
    assert sha256_of(path) == hashlib.sha256(LONG).hexdigest()


def test_a_digest_is_of_the_whole_file_not_of_its_first_chunk(tmp_path: Path) -> None:
    content = b"\x00" * (1 << 20) + b"tail"
    (tmp_path / "big").write_bytes(content)
    assert sha256_of(tmp_path / "big") == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("there", ["nothing", "a folder"])
def test_a_missing_file_is_refused(tmp_path: Path, there: str) -> None:
    if there == "a folder":
        (tmp_path / "f.csv").mkdir()
    with pytest.raises(SourceError) as raised:
        pinned_path(SOURCE, EDITION_2026, _pinned(LONG), tmp_path)
    assert_error_says(
        raised,
        problem="a publisher's file is missing",
        where=f"{tmp_path / 'f.csv'} (MCS2026, table production)",
        expected=f"sha256 {hashlib.sha256(LONG).hexdigest()[:12]}",
        got="no such file",
        next_step=EDITION_2026.url,
    )


def test_an_empty_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "f.csv").touch()
    with pytest.raises(SourceError) as raised:
        pinned_path(SOURCE, EDITION_2026, _pinned(b""), tmp_path)
    assert_error_says(
        raised,
        problem="a publisher's file is empty",
        where="f.csv (MCS2026",
        expected="at least a header",
        got="0 bytes",
        next_step="fetch it again",
    )


@pytest.mark.parametrize("content", [LONG.replace(b"48,900", b"48,901"), LONG[:-1], PAGE])
def test_changed_bytes_are_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "f.csv").write_bytes(content)
    with pytest.raises(SourceError) as raised:
        pinned_path(SOURCE, EDITION_2026, _pinned(LONG), tmp_path)
    assert_error_says(
        raised,
        problem="the bytes of a pinned edition changed",
        where="f.csv (MCS2026",
        expected=hashlib.sha256(LONG).hexdigest(),
        got=f"{hashlib.sha256(content).hexdigest()}, {len(content):,} bytes",
        next_step="sources/usgs_mcs/source.yml",
    )


def test_a_member_of_a_zip_is_read(tmp_path: Path) -> None:
    path = tmp_path / "f.zip"
    path.write_bytes(_zip(**{"a.xml": b"<x/>", "b.csv": WIDE}))
    assert read_bytes(SOURCE, _pinned(b"", member="b.csv"), path) == WIDE


def _cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def _flipped(content: bytes) -> bytes:
    """One byte of the stored data differs, so that its check sum does not fit."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr("b.csv", content)
    return buffer.getvalue().replace(b"41400", b"41401")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (_cut(_zip(**{"b.csv": WIDE})), "not a zip file"),
        (PAGE, "not a zip file"),
        (_flipped(WIDE), "Bad CRC-32"),
    ],
    ids=["truncated", "an error page", "damaged"],
)
def test_a_zip_that_is_not_whole_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "f.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError) as raised:
        read_bytes(SOURCE, _pinned(content, member="b.csv"), path)
    assert_error_says(
        raised,
        problem="the zip can't be read",
        where=f"{path}, member b.csv",
        expected="a whole zip archive",
        got=said,
        next_step="fetch it again",
    )


def test_a_zip_with_a_damaged_stream_is_refused(tmp_path: Path) -> None:
    content = bytearray(_zip(**{"b.csv": WIDE}))
    stream = 30 + len("b.csv")  # after the local header
    content[stream] |= 0b110  # block type 3, which deflate does not have
    path = tmp_path / "f.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError, match="the zip can't be read"):
        read_bytes(SOURCE, _pinned(bytes(content), member="b.csv"), path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    content = bytearray(_zip(**{"b.csv": WIDE}))
    # Flag bit 0 of the local header and of the central directory: "encrypted".
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(signature) + flags] |= 1
    path = tmp_path / "f.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError) as raised:
        read_bytes(SOURCE, _pinned(bytes(content), member="b.csv"), path)
    assert_error_says(
        raised,
        problem="the zip can't be read",
        where="member b.csv",
        expected="not encrypted",
        got="password required",
        next_step="fetch it again",
    )


def test_a_zip_bomb_is_refused_by_what_it_declares(tmp_path: Path) -> None:
    content = _zip(**{"b.csv": b"\x00" * (files.MOST_MEMBER_BYTES + 1)})
    assert len(content) < 1_000_000
    path = tmp_path / "f.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError) as raised:
        read_bytes(SOURCE, _pinned(b"", member="b.csv"), path)
    assert_error_says(
        raised,
        problem="the zip declares a member larger than we read",
        where=f"{path}, member b.csv",
        expected="at most 268,435,456 bytes",
        got="268,435,457 bytes out of ",
        next_step="MOST_MEMBER_BYTES",
    )


def test_whatever_byte_of_a_zip_is_flipped_the_table_is_whole_or_refused(tmp_path: Path) -> None:
    whole = _zip(**{"b.csv": WIDE})
    path = tmp_path / "f.zip"
    refused = 0
    for position in range(len(whole)):
        for bit in (0, 3, 7):
            content = bytearray(whole)
            content[position] ^= 1 << bit
            path.write_bytes(content)
            try:
                assert read_bytes(SOURCE, _pinned(b"", member="b.csv"), path) == WIDE
            except SourceError:
                refused += 1
    assert refused > len(whole)


@pytest.mark.parametrize("name", ["../b.csv", "/b.csv", "x/b.csv", "..\\b.csv"])
def test_a_member_is_read_by_its_exact_name_and_nothing_is_unpacked(
    tmp_path: Path, name: str
) -> None:
    path = tmp_path / "in" / "f.zip"
    path.parent.mkdir()
    path.write_bytes(_zip(**{name: WIDE}))
    with pytest.raises(SourceError, match="the zip lacks the member we read"):
        read_bytes(SOURCE, _pinned(b"", member="b.csv"), path)
    assert [found for found in tmp_path.rglob("*") if found.is_file()] == [path]


@pytest.mark.parametrize(
    ("content", "got"), [(_zip(**{"a.xml": b"<x/>"}), "a.xml"), (_zip(), "an empty archive")]
)
def test_a_zip_without_the_member_is_refused(tmp_path: Path, content: bytes, got: str) -> None:
    path = tmp_path / "f.zip"
    path.write_bytes(content)
    with pytest.raises(SourceError) as raised:
        read_bytes(SOURCE, _pinned(content, member="b.csv"), path)
    assert_error_says(
        raised,
        problem="the zip lacks the member we read",
        where=str(path),
        expected="b.csv",
        got=got,
        next_step="correct `member`",
    )
