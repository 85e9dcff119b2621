"""`snapshot/` of a source: its published tables as the repository ships them, written and read."""

import io
import json
from pathlib import Path

import polars as pl

from sources.reading.catalog import Edition, Source, load_source
from sources.reading.disk import write_atomically
from sources.reading.files import sha256_of
from sources.reading.lake import content_digest
from sources.reading.open_file import Tables
from sources.reading.reader import Reader


def _snapshot_file(reader: Reader, source: Source, edition: str, table: str) -> Path:
    kind = "parquet" if table in reader.parquet else "csv"
    return source.snapshot / edition / f"{table}.{kind}"


def is_shipped(source: Source, edition: Edition) -> bool:
    """Whether the snapshot holds this edition, made from the bytes that are pinned now."""
    ours = {known.edition: known.files for known in load_source(source.source_id).editions}
    return (
        ours.get(edition.edition) == edition.files
        and (source.snapshot / "manifest.json").exists()
        and edition.edition in _manifest(source)
    )


def _manifest(source: Source) -> dict[str, dict[str, str]]:
    path = source.snapshot / "manifest.json"
    if not path.exists():
        raise source.error(
            problem="the embedded snapshot is missing",
            where=str(path),
            expected="the manifest that `chokepoint snapshot` writes",
            got="no such file",
            next_step="restore it from git; of a new source: set CHOKEPOINT_FILES and run "
            f".venv/bin/chokepoint snapshot {source.source_id}",
        )
    return json.loads(path.read_text(encoding="utf-8"))


def verify_snapshot(source: Source) -> dict[str, str]:
    """Edition to digest of its tables, once each is the one that the manifest pins.

    Raises:
        SourceError: a table differs or an edition is missing.
    """
    manifest = _manifest(source)
    wrong = [
        f"{name}: expected sha256 {pinned[:12]}…, got {got}"
        for tables in manifest.values()
        for name, pinned in tables.items()
        if (got := _digest_or_none(source.snapshot / name)) != pinned
    ]
    missing = [edition.edition for edition in source.editions if edition.edition not in manifest]
    if wrong or missing:
        raise source.error(
            problem="the embedded snapshot is not the one its manifest pins",
            where=str(source.snapshot),
            expected="every table of manifest.json, byte for byte, and every edition of source.yml",
            got=f"{len(wrong)} tables differ, {len(missing)} editions missing",
            next_step="restore the folder from git, or run `make snapshot` and review its diff",
            offenders=wrong + [f"{edition}: not in manifest.json" for edition in missing],
        )
    return {
        edition: ",".join(sha[:16] for sha in files.values()) for edition, files in manifest.items()
    }


def _digest_or_none(path: Path) -> str | None:
    """What the manifest pins: the bytes of a CSV; of a Parquet file the content.

    The next Polars may write other bytes for the same table.
    """
    if not path.is_file():
        return None
    if path.suffix != ".parquet":
        return sha256_of(path)
    try:
        return content_digest(pl.read_parquet(path))
    except (pl.exceptions.PolarsError, OSError):
        return None


def read_snapshots(reader: Reader, source: Source) -> Tables:
    """Published tables of every edition of the source."""
    return {
        table: pl.concat(
            pl.read_parquet(path)
            if path.suffix == ".parquet"
            else pl.read_csv(path, schema=schema.create_empty().schema)
            for path in (
                _snapshot_file(reader, source, edition.edition, table)
                for edition in source.editions
            )
        )
        for table, schema in reader.published.items()
    }


def _write_part(path: Path, part: pl.DataFrame) -> None:
    """Write a snapshot's table: CSV always; Parquet only if its content changed, since git keeps both."""
    if path.suffix != ".parquet":
        write_atomically(path, part.write_csv().encode("utf-8"))
    elif _digest_or_none(path) != content_digest(part):
        numbers = [name for name, dtype in part.schema.items() if dtype == pl.Int64]
        content = io.BytesIO()
        part.write_parquet(
            content,
            compression="zstd",
            compression_level=19,
            use_pyarrow=True,
            # A tenth smaller than by Polars, which doesn't choose encodings; every reader knows them.
            pyarrow_options={
                "use_dictionary": [name for name in part.columns if name not in numbers],
                "column_encoding": dict.fromkeys(numbers, "DELTA_BINARY_PACKED"),
            },
        )
        write_atomically(path, content.getvalue())


def write_snapshot(reader: Reader, source: Source, files_root: Path) -> dict[str, int]:
    """Compile `snapshot/` from publishers' files: one file per edition and table, and the manifest.

    An edition's tables are rewritten only if their content changed. Returns rows per file.

    Raises:
        SourceError: the files are refused, or the source may not be redistributed.
    """
    if not source.redistributable:
        raise source.error(
            problem="the licence forbids redistribution, so it has no snapshot",
            where=f"sources/{source.source_id}/source.yml",
            expected="redistributable: true",
            got="redistributable: false",
            next_step="leave it out of `chokepoint snapshot`",
        )
    tables = reader.checked(reader.read_files(source, files_root))
    rows: dict[str, int] = {}
    manifest: dict[str, dict[str, str]] = {}
    for edition in source.editions:
        manifest[edition.edition] = {}
        for table, frame in tables.items():
            schema = reader.published[table]
            part = frame.filter(pl.col("edition") == edition.edition).sort(schema.primary_key())
            path = _snapshot_file(reader, source, edition.edition, table)
            name = str(path.relative_to(source.snapshot))
            _write_part(path, part)
            manifest[edition.edition][name] = _digest_or_none(path) or ""
            rows[name] = part.height
    write_atomically(
        source.snapshot / "manifest.json",
        (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode("utf-8"),
    )
    again = reader.checked(read_snapshots(reader, source))
    for table, frame in tables.items():
        if content_digest(again[table]) != content_digest(frame):
            raise source.error(
                problem="the snapshot does not read back as the tables it was written from",
                where=f"snapshot table {table}",
                expected=content_digest(frame),
                got=content_digest(again[table]),
                next_step="this is a fault of ours: a column's type does not survive its file",
            )
    return rows
