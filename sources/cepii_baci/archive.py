"""A publisher's zip, opened without trust: names, sizes and methods are judged before a byte is inflated.

Nothing is unpacked to disk. The packed bytes of a member are handed to `sources.cepii_baci.stream`, which
inflates them faster than `zipfile` does and checks length and CRC itself.
"""

import errno
import struct
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sources.reading.errors import SourceError
from sources.reading.files import ZIP_FAULTS

SOURCE = "cepii_baci"
# Packed bytes read at once: a megabyte or two of text after inflating.
PACKED = 1 << 18
# A year of the whole release has 640 MB of text, its blanks included. A member above this is a bomb or another publication.
MOST_MEMBER_BYTES = 1 << 30
LOCAL_HEADER = struct.Struct("<4s22xHH")
ENCRYPTED = 0x1


@dataclass(frozen=True)
class Member:
    """One member of a zip: where its packed bytes lie, and what its directory says of it."""

    path: Path
    name: str
    offset: int
    packed_bytes: int
    text_bytes: int
    crc: int
    is_deflated: bool

    @property
    def where(self) -> str:
        """File and member, for messages."""
        return f"{self.path}, member {self.name}"

    def packed(self) -> Iterator[bytes]:
        """The packed bytes, a piece at a time; shorter than `packed_bytes` where the file is cut.

        Raises:
            SourceError: there is no member at the place that the directory names.
        """
        with self.path.open("rb") as handle:
            # Of a zip that is cut in front, the directory names places before the file.
            if not 0 <= self.offset < self.path.stat().st_size:
                raise unreadable(self.where, f"its place in the file is byte {self.offset:,}")
            handle.seek(self.offset)
            header = handle.read(LOCAL_HEADER.size)
            if len(header) < LOCAL_HEADER.size or not header.startswith(b"PK\x03\x04"):
                raise unreadable(self.where, "no member where the zip's directory places it")
            _, name_bytes, extra_bytes = LOCAL_HEADER.unpack(header)
            handle.seek(name_bytes + extra_bytes, 1)
            left = self.packed_bytes
            while left and (piece := handle.read(min(PACKED, left))):
                left -= len(piece)
                yield piece


def unreadable(where: str, got: str) -> SourceError:
    """The error of a zip that is damaged, cut, or no zip at all."""
    return SourceError(
        source=SOURCE,
        problem="the zip can't be read",
        where=where,
        expected="a whole zip archive, not encrypted, packed by deflate or stored",
        got=got,
        next_step="fetch it again: it is truncated, or an error page was saved under its name",
    )


def members_of(path: Path) -> dict[str, Member]:
    """Members of a zip by name, none of them inflated yet.

    Raises:
        SourceError: no zip (an error page), damaged, encrypted, packed in a way we don't read; members
            with a path, named twice, or larger than `MOST_MEMBER_BYTES`.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            listed = archive.infolist()
    except ZIP_FAULTS as error:
        # A damaged offset is a place before the start; any other errno is the disk's own fault.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        with path.open("rb") as handle:
            begins = handle.read(40)
        raise unreadable(str(path), f"{error}; it begins with {begins!r}") from error
    _refuse_odd_names(path, listed)
    _refuse_odd_contents(path, listed)
    return {
        info.filename: Member(
            path=path,
            name=info.filename,
            offset=info.header_offset,
            packed_bytes=info.compress_size,
            text_bytes=info.file_size,
            crc=info.CRC,
            is_deflated=info.compress_type == zipfile.ZIP_DEFLATED,
        )
        for info in listed
    }


def _refuse_odd_names(path: Path, listed: list[zipfile.ZipInfo]) -> None:
    names = [info.orig_filename for info in listed]
    # As in the archive: `zipfile` itself changes some of these names without an error.
    strange = [name for name in names if any(sign in name for sign in ("/", "\\", ":", "\0", ".."))]
    twice = sorted({name for name in names if names.count(name) > 1})
    if strange or twice:
        raise SourceError(
            source=SOURCE,
            problem="the zip has members that a release of BACI does not have",
            where=str(path),
            expected="plain names, each once, no folders",
            got=f"{len(strange)} names with a path, {len(twice)} names twice",
            next_step="don't unpack it; fetch the release again from the publisher's own page",
            offenders=[f"a path: {name!r}" for name in strange]
            + [f"twice: {name!r}" for name in twice],
        )


def _refuse_odd_contents(path: Path, listed: list[zipfile.ZipInfo]) -> None:
    methods = (zipfile.ZIP_DEFLATED, zipfile.ZIP_STORED)
    odd = [
        f"{info.filename}: {'encrypted' if info.flag_bits & ENCRYPTED else 'method'} {info.compress_type}"
        for info in listed
        if info.flag_bits & ENCRYPTED or info.compress_type not in methods
    ]
    if odd:
        raise unreadable(str(path), "; ".join(odd[:3]))
    large = [info for info in listed if info.file_size > MOST_MEMBER_BYTES]
    if large:
        raise SourceError(
            source=SOURCE,
            problem="the zip declares members larger than we read",
            where=str(path),
            expected=f"at most {MOST_MEMBER_BYTES:,} bytes of text in a member",
            got=f"{len(large)} of {len(listed)} members larger",
            next_step=(
                "look at the archive; if a year of the publisher's really grew, raise MOST_MEMBER_BYTES "
                "in sources/cepii_baci/archive.py"
            ),
            offenders=[
                f"{info.filename}: {info.file_size:,} bytes out of {info.compress_size:,} packed ones"
                for info in large
            ],
        )
