"""Published tables, from whichever input: bytes verified, then read. Everything after is the same for all."""

from pathlib import Path

import polars as pl

from sources.reading.catalog import Edition, Source
from sources.reading.files import pinned_path
from sources.reading.input import Input, is_left_out
from sources.reading.open_file import Tables
from sources.reading.paths import as_fetched
from sources.reading.reader import Reader
from sources.reading.snapshot import is_shipped, read_snapshots, verify_snapshot

DROP = "put the files into the drop folder under the names that source.yml has"


def verify_bytes(
    source: Source,
    input_name: Input,
    files_root: Path | None,
    *,
    include_restricted: bool = False,
) -> dict[str, str]:
    """Check that the bytes to be read are the pinned ones, and complete.

    Args:
        files_root: folder of publishers' files; for `live` the folder that `sources.fetching` filled.

    Returns:
        edition to digest (of the snapshot's tables, or of the publisher's files), for the sidecars;
        none of a source that is left out, or of which no edition is known.

    Raises:
        SourceError: something is missing or is not what was pinned.
    """
    if not source.editions or is_left_out(source, input_name, include_restricted):
        return {}
    if input_name is Input.EMBEDDED:
        return verify_snapshot(source)
    root = _files_root(source, files_root)
    if input_name is Input.FILES:
        return _verify_files(source, root)
    fetched, shipped = _by_origin(source, root)
    digests = _verify_files(fetched, root)
    if shipped.editions:
        of_snapshot = verify_snapshot(shipped)
        digests |= {
            edition.edition: f"snapshot:{of_snapshot[edition.edition]}"
            for edition in shipped.editions
        }
    return {edition.edition: digests[edition.edition] for edition in source.editions}


def _verify_files(source: Source, root: Path) -> dict[str, str]:
    digests: dict[str, str] = {}
    for edition in source.editions:
        for file in edition.files:
            pinned_path(source, edition, file, root)
        digests[edition.edition] = digest_of_pins(edition)
    return digests


def digest_of_pins(edition: Edition) -> str:
    """What the sidecars say of an edition that was read from its publisher's own files."""
    return ",".join(file.sha256[:16] for file in edition.files)


def read_published(
    reader: Reader,
    source: Source,
    input_name: Input,
    files_root: Path | None,
    *,
    include_restricted: bool = False,
) -> Tables:
    """Published tables of every edition of the source, validated; empty where it is left out or has none.

    Arguments: see `verify_bytes`.

    Raises:
        SourceError: the input is refused; see `sources.reading.files` and the source's own reader.
    """
    if not source.editions or is_left_out(source, input_name, include_restricted):
        return {
            table: pl.DataFrame(schema=schema.create_empty().schema)
            for table, schema in reader.published.items()
        }
    if input_name is Input.EMBEDDED:
        tables = read_snapshots(reader, source)
    elif input_name is Input.FILES:
        tables = reader.read_files(source, _files_root(source, files_root))
    else:
        root = _files_root(source, files_root)
        fetched, shipped = _by_origin(source, root)
        parts = [reader.read_files(fetched, root)] if fetched.editions else []
        parts += [read_snapshots(reader, shipped)] if shipped.editions else []
        tables = {table: pl.concat(part[table] for part in parts) for table in reader.published}
    return reader.checked(tables)


def _by_origin(source: Source, root: Path) -> tuple[Source, Source]:
    """For `live`: the source with the editions that were fetched whole, and with those that we ship.

    An edition that no machine can fetch and nobody dropped is read from the snapshot, if that was made
    from the very bytes that are pinned.

    Raises:
        SourceError: an edition is neither here nor shipped.
    """
    placed = as_fetched(source)
    whole = {
        edition.edition
        for edition in placed.editions
        if all((root / file.path).is_file() for file in edition.files)
    }
    lost = [
        edition
        for edition in source.editions
        if edition.edition not in whole and not is_shipped(source, edition)
    ]
    if lost:
        ways = [edition.live.instead or "take the edition out" for edition in lost]
        raise source.error(
            problem="editions that were not fetched, and that we don't ship",
            where=str(root / source.source_id),
            expected="every file of the edition, fetched or dropped (docs/operate.md, part live)",
            got=f"{len(lost)} editions incomplete",
            next_step="; or ".join(dict.fromkeys([DROP, *ways])),
            offenders=[
                f"{edition.edition}: see sources/{source.source_id}/source.yml" for edition in lost
            ],
        )

    return (
        placed.with_editions(e for e in placed.editions if e.edition in whole),
        source.with_editions(e for e in source.editions if e.edition not in whole),
    )


def _files_root(source: Source, files_root: Path | None) -> Path:
    if files_root is None:
        raise source.error(
            problem="no folder of publishers' files is named",
            where="environment",
            expected="CHOKEPOINT_FILES=<folder> beside CHOKEPOINT_INPUT=files",
            got="CHOKEPOINT_FILES is not set",
            next_step="set it (see .env.example), or use CHOKEPOINT_INPUT=embedded",
        )
    return files_root
