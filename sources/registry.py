"""Where figures come from: one switch, the same published tables whatever it says.

`embedded` reads the tables shipped in `sources/<source>/snapshot/`, `files` reads a folder of
publishers' files, `live` reads what `sources.fetching` brought from the publishers and the drop folder.
Everything after this module is the same for all.
"""

import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import dataframely as dy
import polars as pl

from sources.cepii_baci import quality as baci_quality
from sources.cepii_baci import tidy as baci
from sources.eu_crm import tidy as eu_crm
from sources.eurostat_comext import tidy as comext
from sources.fetching.paths import as_fetched
from sources.iea_critical_minerals import tidy as iea
from sources.reading.catalog import Edition, Source, load_source
from sources.reading.checks import LakeCheck
from sources.reading.errors import SourceError
from sources.reading.files import pinned_path, sha256_of
from sources.reading.input import Input
from sources.reading.lake import content_digest, validated, write_atomically
from sources.un_comtrade import quality as comtrade_quality
from sources.un_comtrade import tidy as comtrade
from sources.usgs_mcs import tidy as usgs_mcs
from sources.usgs_mcs_us import tidy as usgs_us
from sources.world_bank_pink_sheet import tidy as pink_sheet
from sources.world_bank_wgi import tidy as wgi

Tables = dict[str, pl.DataFrame]


@dataclass(frozen=True)
class Reader:
    """How one source is read. `published` and `lake` map table names to their schemas.

    What is read and tidied is of the `Source` that is given: its editions and pins may be others than
    those of `source.yml`.

    `parquet` names the published tables that are too large for a snapshot of text; `checks`
    are run on this source's lake beside the common ones.
    """

    published: dict[str, type[dy.Schema]]
    lake: dict[str, type[dy.Schema]]
    read_files: Callable[[Source, Path], Tables]
    tidy: Callable[[Tables, Source], Tables]
    parquet: frozenset[str] = frozenset()
    checks: tuple[LakeCheck, ...] = ()


READERS: dict[str, Reader] = {
    baci.SOURCE_ID: Reader(
        baci.PUBLISHED, baci.LAKE, baci.read_files, baci.tidy, baci.PARQUET, baci_quality.CHECKS
    ),
    eu_crm.SOURCE_ID: Reader(eu_crm.PUBLISHED, eu_crm.LAKE, eu_crm.read_files, eu_crm.tidy),
    comext.SOURCE_ID: Reader(comext.PUBLISHED, comext.LAKE, comext.read_files, comext.tidy),
    iea.SOURCE_ID: Reader(iea.PUBLISHED, iea.LAKE, iea.read_files, iea.tidy),
    usgs_mcs.SOURCE_ID: Reader(
        usgs_mcs.PUBLISHED, usgs_mcs.LAKE, usgs_mcs.read_files, usgs_mcs.tidy
    ),
    usgs_us.SOURCE_ID: Reader(usgs_us.PUBLISHED, usgs_us.LAKE, usgs_us.read_files, usgs_us.tidy),
    pink_sheet.SOURCE_ID: Reader(
        pink_sheet.PUBLISHED, pink_sheet.LAKE, pink_sheet.read_files, pink_sheet.tidy
    ),
    comtrade.SOURCE_ID: Reader(
        comtrade.PUBLISHED,
        comtrade.LAKE,
        comtrade.read_files,
        comtrade.tidy,
        checks=comtrade_quality.CHECKS,
    ),
    wgi.SOURCE_ID: Reader(wgi.PUBLISHED, wgi.LAKE, wgi.read_files, wgi.tidy),
}


def _snapshot_file(source: Source, edition: str, table: str) -> Path:
    kind = "parquet" if table in READERS[source.source_id].parquet else "csv"
    return source.snapshot / edition / f"{table}.{kind}"


def is_left_out(source: Source, input_name: Input, include_restricted: bool) -> bool:
    """Whether nothing of the source is read: its licence forbids to pass it on, and nobody asked for it.

    Its tables are then empty, so that what is built on them stands and holds nothing. It is never
    embedded, whatever was asked.
    """
    return not source.redistributable and (input_name is Input.EMBEDDED or not include_restricted)


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
        none of a source that is left out.

    Raises:
        SourceError: something is missing or is not what was pinned.
    """
    if is_left_out(source, input_name, include_restricted):
        return {}
    if input_name is Input.EMBEDDED:
        return _verify_snapshot(source)
    root = _files_root(source, files_root)
    if input_name is Input.FILES:
        return _verify_files(source, root)
    fetched, shipped = _by_origin(source, root)
    digests = _verify_files(fetched, root)
    if shipped.editions:
        of_snapshot = _verify_snapshot(shipped)
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
    source: Source,
    input_name: Input,
    files_root: Path | None,
    *,
    include_restricted: bool = False,
) -> Tables:
    """Published tables of every edition of the source, validated; empty where it is left out.

    Arguments: see `verify_bytes`.

    Raises:
        SourceError: the input is refused; see `sources.reading.files` and the source's own reader.
    """
    reader = READERS[source.source_id]
    if is_left_out(source, input_name, include_restricted):
        return {
            table: pl.DataFrame(schema=schema.create_empty().schema)
            for table, schema in reader.published.items()
        }
    if input_name is Input.EMBEDDED:
        tables = _read_snapshots(source)
    elif input_name is Input.FILES:
        tables = reader.read_files(source, _files_root(source, files_root))
    else:
        root = _files_root(source, files_root)
        fetched, shipped = _by_origin(source, root)
        parts = [reader.read_files(fetched, root)] if fetched.editions else []
        parts += [_read_snapshots(shipped)] if shipped.editions else []
        tables = {table: pl.concat(part[table] for part in parts) for table in reader.published}
    return {
        table: validated(frame, reader.published[table], source.source_id, f"published {table}")
        for table, frame in tables.items()
    }


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
        if edition.edition not in whole and not _is_shipped(source, edition)
    ]
    if lost:
        raise SourceError(
            source=source.source_id,
            problem="editions that were not fetched, and that we don't ship",
            where=str(root / source.source_id),
            expected="every file of the edition, fetched or dropped (docs/operate.md, part live)",
            got=f"{len(lost)} editions incomplete",
            next_step="; or ".join(
                dict.fromkeys(
                    [
                        "put the files into the drop folder under the names that source.yml has",
                        *(edition.live.instead or "take the edition out" for edition in lost),
                    ]
                )
            ),
            offenders=[
                f"{edition.edition}: see sources/{source.source_id}/source.yml" for edition in lost
            ],
        )

    def only(of: Source, names: set[str]) -> Source:
        kept = tuple(edition for edition in of.editions if edition.edition in names)
        return of.model_copy(update={"editions": kept})

    return only(placed, whole), only(source, {e.edition for e in source.editions} - whole)


def _is_shipped(source: Source, edition: Edition) -> bool:
    """Whether the snapshot holds this edition, made from the bytes that are pinned now."""
    ours = {known.edition: known.files for known in load_source(source.source_id).editions}
    return (
        ours.get(edition.edition) == edition.files
        and (source.snapshot / "manifest.json").exists()
        and edition.edition in _manifest(source)
    )


def _files_root(source: Source, files_root: Path | None) -> Path:
    if files_root is None:
        raise SourceError(
            source=source.source_id,
            problem="no folder of publishers' files is named",
            where="environment",
            expected="CHOKEPOINT_FILES=<folder> beside CHOKEPOINT_INPUT=files",
            got="CHOKEPOINT_FILES is not set",
            next_step="set it (see .env.example), or use CHOKEPOINT_INPUT=embedded",
        )
    return files_root


def _manifest(source: Source) -> dict[str, dict[str, str]]:
    path = source.snapshot / "manifest.json"
    if not path.exists():
        raise SourceError(
            source=source.source_id,
            problem="the embedded snapshot is missing",
            where=str(path),
            expected="the manifest that `make snapshot` writes",
            got="no such file",
            next_step="restore it from git, or run `make snapshot` with CHOKEPOINT_FILES set",
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _verify_snapshot(source: Source) -> dict[str, str]:
    manifest = _manifest(source)
    wrong = [
        f"{name}: expected sha256 {pinned[:12]}…, got {_digest_or_none(source.snapshot / name)}"
        for tables in manifest.values()
        for name, pinned in tables.items()
        if _digest_or_none(source.snapshot / name) != pinned
    ]
    missing = [edition.edition for edition in source.editions if edition.edition not in manifest]
    if wrong or missing:
        raise SourceError(
            source=source.source_id,
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


def _read_snapshots(source: Source) -> Tables:
    published = READERS[source.source_id].published
    return {table: _read_snapshot(source, table, schema) for table, schema in published.items()}


def _read_snapshot(source: Source, table: str, schema: type[dy.Schema]) -> pl.DataFrame:
    dtypes = schema.create_empty().schema
    paths = [_snapshot_file(source, edition.edition, table) for edition in source.editions]
    return pl.concat(
        pl.read_parquet(path) if path.suffix == ".parquet" else pl.read_csv(path, schema=dtypes)
        for path in paths
    )


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


def write_snapshot(source: Source, files_root: Path) -> dict[str, int]:
    """Compile `snapshot/` from publishers' files: one file per edition and table, and the manifest.

    An edition's tables are rewritten only if their content changed. Returns rows per file.

    Raises:
        SourceError: the files are refused, or the source may not be redistributed.
    """
    if not source.redistributable:
        raise SourceError(
            source=source.source_id,
            problem="the licence forbids redistribution, so it has no snapshot",
            where=f"sources/{source.source_id}/source.yml",
            expected="redistributable: true",
            got="redistributable: false",
            next_step="leave it out of `chokepoint snapshot`",
        )
    tables = read_published(source, Input.FILES, files_root)
    rows: dict[str, int] = {}
    manifest: dict[str, dict[str, str]] = {}
    for edition in source.editions:
        manifest[edition.edition] = {}
        for table, frame in tables.items():
            schema = READERS[source.source_id].published[table]
            part = frame.filter(pl.col("edition") == edition.edition).sort(schema.primary_key())
            path = _snapshot_file(source, edition.edition, table)
            name = str(path.relative_to(source.snapshot))
            _write_part(path, part)
            manifest[edition.edition][name] = _digest_or_none(path) or ""
            rows[name] = part.height
    write_atomically(
        source.snapshot / "manifest.json",
        (json.dumps(manifest, indent=1, sort_keys=True) + "\n").encode("utf-8"),
    )
    again = read_published(source, Input.EMBEDDED, None)
    for table, frame in tables.items():
        if content_digest(again[table]) != content_digest(frame):
            raise SourceError(
                source=source.source_id,
                problem="the snapshot does not read back as the tables it was written from",
                where=f"snapshot table {table}",
                expected=content_digest(frame),
                got=content_digest(again[table]),
                next_step="this is a fault of ours: a column's type does not survive its file",
            )
    return rows
