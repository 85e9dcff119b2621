"""Opening publishers' files: pinned bytes, zip members, encodings, exact headers.

Everything that can be wrong with a file before its figures are looked at is refused here, once, for
every source. Meaning (labels, units, numbers) is the business of each source's `layouts.py`.
"""

import csv
import errno
import hashlib
import io
import lzma
import os
import shutil
import zipfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING

from sources.reading.bucket import BucketPath
from sources.reading.catalog import Edition, Source, SourceFile

# Digests are asked for by commands that read no table.
if TYPE_CHECKING:
    import polars as pl

CHUNK = 1 << 20
# A member is read into memory whole; the largest we know (MCS 2026) has 2 MB.
MOST_MEMBER_BYTES = 1 << 28
# What `zipfile` raises for an archive that is cut, damaged or encrypted, or packed in a way it lacks.
ZIP_FAULTS = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    EOFError,
    NotImplementedError,
    RuntimeError,
    ValueError,
    OSError,
)


def sha256_of(path: Path | BucketPath) -> str:
    """Hex digest of a file, read in chunks so that gigabytes stay out of memory."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def hardlink_or_copy(held: Path, to: Path) -> None:
    """A second name for a file that is only ever replaced; a copy where the disk has no such thing."""
    to.parent.mkdir(parents=True, exist_ok=True)
    to.unlink(missing_ok=True)
    try:
        os.link(held, to)
    except OSError:
        shutil.copyfile(held, to)


def pinned_path(source: Source, edition: Edition, file: SourceFile, root: Path) -> Path:
    """Path of a publisher's file below `root`, its bytes checked against the pin in `source.yml`.

    Raises:
        SourceError: the file is absent, empty, or not the bytes that were pinned.
    """
    path = root / file.path
    where = f"{path} ({edition.edition}, table {file.table})"
    if not path.is_file():
        raise source.error(
            problem="a publisher's file is missing",
            where=where,
            expected=f"the file of {edition.edition}, sha256 {file.sha256[:12]}…",
            got="no such file",
            next_step=f"fetch it from {edition.url} into the folder of CHOKEPOINT_FILES, or use CHOKEPOINT_INPUT=embedded",
        )
    if path.stat().st_size == 0:
        raise source.error(
            problem="a publisher's file is empty",
            where=where,
            expected="at least a header",
            got="0 bytes",
            next_step=f"fetch it again from {edition.url}",
        )
    got = sha256_of(path)
    if got != file.sha256:
        raise source.error(
            problem="the bytes of a pinned edition changed",
            where=where,
            expected=f"sha256 {file.sha256}",
            got=f"sha256 {got}, {path.stat().st_size:,} bytes",
            next_step=(
                "fetch it again; if the publisher really replaced it, read the change and pin the new "
                f"sha256 in sources/{source.source_id}/source.yml"
            ),
        )
    return path


def read_bytes(source: Source, file: SourceFile, path: Path) -> bytes:
    """Bytes of a plain file or of the named member of a zip.

    Only the member of exactly that name is read, and nothing is unpacked to disk.

    Raises:
        SourceError: the zip is truncated, damaged or encrypted, lacks the member, or declares one
            larger than `MOST_MEMBER_BYTES`.
    """
    if file.member is None:
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename: info for info in archive.infolist()}
            info = members.get(file.member)
            if info is not None and info.file_size <= MOST_MEMBER_BYTES:
                return archive.read(info)
    except ZIP_FAULTS as error:
        # A damaged offset is a place before the start; any other errno is the disk's own fault.
        if isinstance(error, OSError) and error.errno not in (None, errno.EINVAL):
            raise
        raise source.error(
            problem="the zip can't be read",
            where=f"{path}, member {file.member}",
            expected="a whole zip archive, not encrypted",
            got=f"{error}",
            next_step="fetch it again: it is truncated, or an error page was saved under its name",
        ) from error
    if info is None:
        raise source.error(
            problem="the zip lacks the member we read",
            where=f"{path}",
            expected=file.member,
            got=", ".join(list(members)[:5]) or "an empty archive",
            next_step=f"look at the archive and correct `member` in sources/{source.source_id}/source.yml",
        )
    raise source.error(
        problem="the zip declares a member larger than we read",
        where=f"{path}, member {file.member}",
        expected=f"at most {MOST_MEMBER_BYTES:,} bytes",
        got=f"{info.file_size:,} bytes out of {info.compress_size:,} packed ones",
        next_step="look at the archive; if the publisher's table really grew, raise MOST_MEMBER_BYTES",
    )


def decode(source: Source, where: str, content: bytes, encoding: str) -> str:
    """Strict decoding.

    Raises:
        SourceError: the bytes are not in the encoding that this edition is published in.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        # The codec counts from behind a byte order mark; `error.object` is what it counted in.
        offset = error.start + len(content) - len(error.object)
        raise source.error(
            problem="wrong text encoding",
            where=f"{where}, byte {offset}",
            expected=encoding,
            got=f"byte 0x{content[offset]:02x} that {encoding} does not have here",
            next_step="fetch the file again as published; don't re-save it in a spreadsheet",
        ) from error


def csv_records(source: Source, where: str, text: str, expected: str) -> list[list[str]]:
    """Records of a CSV, the header first, every one as wide as the header.

    Raises:
        SourceError: quotes that never close, short, long or blank lines, all of them at once.
    """
    records: list[list[str]] = []
    faults: list[str] = []
    try:
        records.extend(csv.reader(io.StringIO(text, newline=""), strict=True))
    except csv.Error as error:
        faults.append(f"row {len(records) + 1}: {error}")
    width = len(records[0]) if records else 0
    faults += [
        f"row {number}: {f'{len(record)} cells' if record else 'a blank line'}"
        for number, record in enumerate(records, 1)
        if len(record) != width
    ]
    if faults:
        raise source.error(
            problem="the file is no regular CSV",
            where=where,
            expected=expected,
            got=f"first line {_first_line(text)}, {len(faults)} irregular rows",
            next_step="fetch the file again; if the publisher changed its layout, add a layout for it",
            offenders=faults,
        )
    return records


def _first_line(text: str) -> str:
    return repr(text.split("\n", 1)[0].strip()[:80])


def refuse_no_rows(source: Source, where: str, records: list[list[str]]) -> None:
    """Stop where a CSV has nothing below its header.

    Raises:
        SourceError: it has none.
    """
    if len(records) <= 1:
        raise source.error(
            problem="the file holds a header and no rows" if records else "the file holds no rows",
            where=where,
            expected="a header and at least one row",
            got="0 rows",
            next_step="fetch the file again",
        )


def _all_text(columns: dict[str, list[str | None]]) -> "pl.DataFrame":
    import polars as pl

    frame = pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String))
    return frame.with_row_index("row", offset=2)


def read_csv(source: Source, where: str, text: str, header: tuple[str, ...]) -> "pl.DataFrame":
    """All-text frame of a CSV whose header must be exactly `header`, with `row` (header = row 1).

    Empty cells are null. Shape: one row per record, `row` then the columns of `header`.

    Raises:
        SourceError: another header (an error page has one too), ragged rows, blank lines, or no rows.
    """
    records = csv_records(source, where, text, f"{len(header)} columns: {', '.join(header)}")
    got = tuple(records[0]) if records else ()
    if got != header:
        missing = [name for name in header if name not in got]
        new = [name for name in got if name not in header]
        raise source.error(
            problem="the header is not the one of this edition",
            where=where,
            expected=", ".join(header),
            got=", ".join(got)[:300] or "an empty first line",
            next_step=f"compare with the file of the edition before, and adapt sources/{source.source_id}/layouts.py",
            offenders=[f"missing column {name!r}" for name in missing]
            + [f"unknown column {name!r}" for name in new],
        )
    refuse_no_rows(source, where, records)
    return _all_text(
        {
            name: [record[index] or None for record in records[1:]]
            for index, name in enumerate(header)
        }
    )


def read_csv_with_blanks(
    source: Source, where: str, text: str, *, drop_unnamed: bool = False
) -> "pl.DataFrame":
    """All-text frame of a CSV that a spreadsheet padded: unnamed empty columns are dropped.

    Blank records (cells, none filled) stay, so that they can be accounted for; `row` counts records,
    header = row 1. Blank cells are null.

    Args:
        drop_unnamed: the file is known to hold something under an unnamed column that we don't read.

    Raises:
        SourceError: ragged rows, blank lines, a column named twice, an unnamed column that holds
            something, or no rows.
    """
    records = csv_records(source, where, text, "records of one width")
    header = [name.strip() for name in records[0]] if records else []
    filled = [
        f"row {number}, column {index + 1}: {record[index][:40]!r}"
        for number, record in enumerate(records[1:], 2)
        for index, name in enumerate(header)
        if not name and not drop_unnamed and record[index].strip()
    ]
    repeated = sorted({name for name in header if name and header.count(name) > 1})
    if filled or repeated:
        raise source.error(
            problem="the columns of the file are not told apart by their names",
            where=where,
            expected="every column named once, nothing under an unnamed one",
            got=f"first line {_first_line(text)}",
            next_step=(
                "look at the file; if nothing under the unnamed column is a figure we read, list it in "
                f"sources/{source.source_id}/mappings/unnamed_columns.csv"
            ),
            offenders=[f"column {name!r} named twice" for name in repeated] + filled,
        )
    refuse_no_rows(source, where, records)
    return _all_text(
        {
            name: [record[index] if record[index].strip() else None for record in records[1:]]
            for index, name in enumerate(header)
            if name
        }
    )
