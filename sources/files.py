"""Opening publishers' files: pinned bytes, zip members, encodings, exact headers.

Everything that can be wrong with a file before its figures are looked at is refused here, once, for
every source. Meaning (labels, units, numbers) is the business of each source's `layouts.py`.
"""

import csv
import hashlib
import io
import zipfile
from pathlib import Path

import polars as pl

from sources.catalog import Edition, Source, SourceFile
from sources.errors import SourceError

CHUNK = 1 << 20


def sha256_of(path: Path) -> str:
    """Hex digest of a file, read in chunks so that gigabytes stay out of memory."""
    digest = hashlib.sha256()
    with path.open("rb") as handle:
        while chunk := handle.read(CHUNK):
            digest.update(chunk)
    return digest.hexdigest()


def pinned_path(source: Source, edition: Edition, file: SourceFile, root: Path) -> Path:
    """Path of a publisher's file below `root`, its bytes checked against the pin in `source.yml`.

    Raises:
        SourceError: the file is absent, empty, or not the bytes that were pinned.
    """
    path = root / file.path
    where = f"{path} ({edition.edition}, table {file.table})"
    if not path.is_file():
        raise SourceError(
            source=source.source_id,
            problem="a publisher's file is missing",
            where=where,
            expected=f"the file of {edition.edition}, sha256 {file.sha256[:12]}…",
            got="no such file",
            next_step=f"fetch it from {edition.url} into the folder of CHOKEPOINT_FILES, or use CHOKEPOINT_INPUT=embedded",
        )
    if path.stat().st_size == 0:
        raise SourceError(
            source=source.source_id,
            problem="a publisher's file is empty",
            where=where,
            expected="at least a header",
            got="0 bytes",
            next_step=f"fetch it again from {edition.url}",
        )
    got = sha256_of(path)
    if got != file.sha256:
        raise SourceError(
            source=source.source_id,
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

    Raises:
        SourceError: the zip is truncated or damaged, or has no such member.
    """
    if file.member is None:
        return path.read_bytes()
    try:
        with zipfile.ZipFile(path) as archive:
            return archive.read(file.member)
    except (zipfile.BadZipFile, EOFError, NotImplementedError) as error:
        raise SourceError(
            source=source.source_id,
            problem="the zip can't be read",
            where=f"{path}, member {file.member}",
            expected="a whole zip archive",
            got=f"{error}",
            next_step="fetch it again: it is truncated, or an error page was saved under its name",
        ) from error
    except KeyError as error:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
        raise SourceError(
            source=source.source_id,
            problem="the zip lacks the member we read",
            where=f"{path}",
            expected=file.member,
            got=", ".join(names[:5]) or "an empty archive",
            next_step=f"look at the archive and correct `member` in sources/{source.source_id}/source.yml",
        ) from error


def decode(source: Source, where: str, content: bytes, encoding: str) -> str:
    """Strict decoding.

    Raises:
        SourceError: the bytes are not in the encoding that this edition is published in.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError as error:
        raise SourceError(
            source=source.source_id,
            problem="wrong text encoding",
            where=f"{where}, byte {error.start}",
            expected=encoding,
            got=f"byte 0x{content[error.start]:02x} that {encoding} does not have here",
            next_step="fetch the file again as published; don't re-save it in a spreadsheet",
        ) from error


def read_csv(source: Source, where: str, text: str, header: tuple[str, ...]) -> pl.DataFrame:
    """All-text frame of a CSV whose header must be exactly `header`, with `row` (header = row 1).

    Empty cells are null. Shape: one row per record, `row` then the columns of `header`.

    Raises:
        SourceError: another header (an error page has one too), ragged rows, or no rows.
    """
    first_line = text.split("\n", 1)[0].strip()
    try:
        frame = pl.read_csv(
            io.BytesIO(text.encode()), infer_schema=False, row_index_name="row", row_index_offset=2
        )
    except pl.exceptions.PolarsError as error:
        raise SourceError(
            source=source.source_id,
            problem="the file is no regular CSV",
            where=where,
            expected=f"{len(header)} columns: {', '.join(header)}",
            got=f"first line {first_line[:80]!r}; {str(error).splitlines()[0][:160]}",
            next_step="fetch the file again; if the publisher changed its layout, add a layout for it",
        ) from error
    got = tuple(frame.columns[1:])
    if got != header:
        missing = [name for name in header if name not in got]
        new = [name for name in got if name not in header]
        raise SourceError(
            source=source.source_id,
            problem="the header is not the one of this edition",
            where=where,
            expected=", ".join(header),
            got=", ".join(got)[:300],
            next_step=f"compare with FORMATS of the edition and adapt sources/{source.source_id}/layouts.py",
            offenders=[f"missing column {name!r}" for name in missing]
            + [f"unknown column {name!r}" for name in new],
        )
    if frame.is_empty():
        raise SourceError(
            source=source.source_id,
            problem="the file holds a header and no rows",
            where=where,
            expected="at least one row",
            got="0 rows",
            next_step="fetch the file again",
        )
    return frame


def read_csv_with_blanks(
    source: Source, where: str, text: str, *, drop_unnamed: bool = False
) -> pl.DataFrame:
    """All-text frame of a CSV that a spreadsheet padded: unnamed empty columns are dropped.

    Blank records stay, so that they can be accounted for; `row` counts records, header = row 1.

    Args:
        drop_unnamed: the file is known to hold something under an unnamed column that we don't read.

    Raises:
        SourceError: ragged rows, an unnamed column that holds something, or no rows.
    """
    records = list(csv.reader(io.StringIO(text, newline="")))
    header = [name.strip() for name in records[0]] if records else []
    ragged = [
        f"row {number}: {len(record)} cells"
        for number, record in enumerate(records[1:], 2)
        if len(record) != len(header)
    ]
    unnamed = [index for index, name in enumerate(header) if not name]
    filled = [
        f"row {number}, column {index + 1}: {record[index][:40]!r}"
        for number, record in enumerate(records[1:], 2)
        for index in unnamed
        if not drop_unnamed and len(record) > index and record[index].strip()
    ]
    if ragged or filled or len(records) <= 1:
        raise SourceError(
            source=source.source_id,
            problem="the file is no regular CSV" if ragged or filled else "the file holds no rows",
            where=where,
            expected="records of one width, nothing under an unnamed column",
            got=f"first line {text.splitlines()[0][:80]!r}" if text.strip() else "nothing",
            next_step="fetch the file again; if the publisher changed its layout, add a layout for it",
            offenders=ragged + filled,
        )
    named = [index for index, name in enumerate(header) if name]
    columns = {
        header[index]: [record[index] if record[index].strip() else None for record in records[1:]]
        for index in named
    }
    return pl.DataFrame(columns, schema=dict.fromkeys(columns, pl.String)).with_row_index(
        "row", offset=2
    )
