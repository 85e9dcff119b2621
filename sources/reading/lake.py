"""The edge of the lake: validate, sort, write Parquet and its sidecar, atomically; and content digests.

A table reaches the lake only through `write_table`. The sidecar says where the figures came from
(input, editions, build) so that publishing can refuse a mixture, and which Parquet bytes it describes
so that publishing can refuse a pair that a kill tore apart.
"""

import hashlib
import io
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import IO, Any, cast

import dataframely as dy
import polars as pl

from sources.reading import clock
from sources.reading.bucket import BucketPath
from sources.reading.disk import write_atomically
from sources.reading.errors import SourceError
from sources.reading.files import sha256_of

# A folder, or a place in a bucket; and what lies there.
LakePath = Path | BucketPath


@dataclass(frozen=True)
class Sidecar:
    """What `<table>.json` beside `<table>.parquet` says."""

    source_id: str
    table: str
    input: str
    build_id: str
    editions: dict[str, str]
    rows: int
    content_digest: str
    columns: dict[str, str]
    written_at: str
    # Empty in a sidecar written before it existed: that one describes no Parquet file.
    parquet_sha256: str = ""
    # Digest of the code and the bytes that it was made from; empty where nobody may keep it.
    made_from: str = ""
    # The build before, whose table and checks this build kept; empty where this build made it.
    kept_from: str = ""


class _Hashing(io.RawIOBase):
    """A file that keeps only the SHA-256 of what is written to it."""

    def __init__(self) -> None:
        self.digest = hashlib.sha256()

    def writable(self) -> bool:
        return True

    def write(self, content: Any, /) -> int:
        self.digest.update(content)
        return len(content)


def content_digest(frame: pl.DataFrame, *, is_ordered: bool = False) -> str:
    """SHA-256 over schema and rows in canonical order: equal frames, equal digest, on any machine.

    Where a key has given each row its place already, `is_ordered`, in that order: a third of the time.
    """
    hashing = _Hashing()
    hashing.write(json.dumps({k: str(v) for k, v in frame.schema.items()}).encode())
    ordered = frame if is_ordered else _in_canonical_order(frame)
    ordered.write_csv(cast("IO[bytes]", hashing), null_value="\x00", quote_style="always")
    return hashing.digest.hexdigest()


def _in_canonical_order(frame: pl.DataFrame) -> pl.DataFrame:
    """Sorted by all columns, from the first on."""
    if not frame.height:
        return frame
    # A column of one value orders nothing, and costs a large frame a third of its sort.
    constant = frame.select(pl.all().eq_missing(pl.all().first()).all()).row(0)
    telling = [name for name, same in zip(frame.columns, constant, strict=True) if not same]
    floats = [name for name, kind in frame.schema.items() if kind.is_float()]
    # 0.0 and -0.0 are written differently and sort alike; their inverses do not.
    signs = [1 / pl.col(name) for name in floats if (frame[name] == 0).any()]
    return frame.sort(*telling, *signs, nulls_last=False) if telling or signs else frame


def _write(path: LakePath, content: bytes) -> None:
    """Write an object of a bucket, which is whole or not there by itself, or a file so that it is."""
    if isinstance(path, BucketPath):
        path.write_bytes(content)
    else:
        write_atomically(path, content)


def write_parquet(
    path: LakePath, frame: pl.DataFrame, about: Mapping[str, str] | None = None
) -> str:
    """Write a frame atomically; returns the SHA-256 of its Parquet bytes.

    Args:
        about: what the file says of itself, in its metadata.
    """
    buffer = io.BytesIO()
    frame.write_parquet(buffer, compression="zstd", metadata=dict(about) if about else None)
    content = buffer.getvalue()
    _write(path, content)
    return hashlib.sha256(content).hexdigest()


def column_differences(frame: pl.DataFrame, schema: type[dy.Schema]) -> dict[str, str]:
    """Columns that are missing, unknown or of another type than in `schema`: what is, and should be."""
    wanted = dict(schema.create_empty().schema)
    return {
        name: f"{frame.schema.get(name)} instead of {wanted.get(name)}"
        for name in sorted({*wanted, *frame.columns})
        if frame.schema.get(name) != wanted.get(name)
    }


def _identifying_columns(
    columns: list[str], schema: type[dy.Schema], rules: Iterable[str]
) -> list[str]:
    """Columns that tell a person which row is bad and why: its place, the publisher's words, its key."""
    broken = {rule.split("|")[0] for rule in rules}
    wanted = {"source_file", "file_row", *schema.primary_key(), *broken}
    # A rule over several columns does not say which: all of them then.
    if broken - set(columns) - {"primary_key"}:
        return columns
    return [name for name in columns if name in wanted or name.startswith("published_")]


def validated(
    frame: pl.DataFrame, schema: type[dy.Schema], source_id: str, where: str
) -> pl.DataFrame:
    """The frame itself, once every rule of its schema holds.

    Raises:
        SourceError: columns or types differ, or rows break rules; rule by rule with the count of rows.
    """
    expected = schema.column_names()
    if frame.columns != expected:
        raise SourceError(
            source=source_id,
            problem="a table has other columns than its schema",
            where=where,
            expected=", ".join(expected),
            got=", ".join(frame.columns),
            next_step="correct the tidy step or the schema; they belong together",
        )
    if differing := column_differences(frame, schema):
        types = schema.create_empty().schema
        raise SourceError(
            source=source_id,
            problem="columns of a table are of other types than in its schema",
            where=where,
            expected=", ".join(f"{name} {types[name]}" for name in differing),
            got=", ".join(f"{name} {frame.schema[name]}" for name in differing),
            next_step="correct the tidy step or the schema; they belong together",
            offenders=[f"{name}: {difference}" for name, difference in differing.items()],
        )
    result = schema.filter(frame, cast=False)
    counts = result.failure.counts()
    if counts:
        bad = result.failure.invalid()
        shown = _identifying_columns(bad.columns, schema, counts)
        raise SourceError(
            source=source_id,
            problem="rows break the rules of their schema",
            where=where,
            expected=f"every row satisfies {schema.__name__}",
            got=f"{bad.height} of {frame.height} rows do not",
            next_step=(
                "look at the rows named, and at the mapping or list that gave them these words; "
                "a rule is loosened only with a reason"
            ),
            offenders=[f"{rule}: {rows} rows" for rule, rows in sorted(counts.items())]
            + [str(row) for row in bad.select(shown).head(3).rows(named=True)],
        )
    return frame


def _refuse_unknown_minerals(
    frame: pl.DataFrame, minerals: Collection[str], source_id: str, where: str
) -> None:
    """Every `mineral_id` of a table is a row of `minerals.csv`; null is none.

    Raises:
        SourceError: some are not, all at once. Without it they would break a mart far behind.
    """
    unknown = frame.filter(~pl.col("mineral_id").is_in(list(minerals)))["mineral_id"]
    if not unknown.is_empty():
        raise SourceError(
            source=source_id,
            problem="minerals that the list does not have",
            where=f"mineral_id of {where}",
            expected="a row of sources/reference/minerals.csv for each",
            got=f"{unknown.len()} rows without one",
            next_step=(
                f"add the row to sources/reference/minerals.csv, or correct the name in sources/{source_id}/"
            ),
            each_to_be_mapped=True,
            offenders=[
                f"{name!r} ({rows} rows)"
                for name, rows in unknown.value_counts().sort("mineral_id").rows()
            ],
        )


def lake_order(schema: type[dy.Schema]) -> list[str]:
    """Columns that a lake table is sorted by: its `lake_order`, else its key, else all of them.

    A large table says in which order readers want it: its key follows the order of its columns.
    """
    stated: tuple[str, ...] = getattr(schema, "lake_order", ())
    return list(stated) or schema.primary_key() or schema.column_names()


def write_table(
    frame: pl.DataFrame,
    schema: type[dy.Schema],
    *,
    lake: LakePath,
    source_id: str,
    table: str,
    input_name: str,
    build_id: str,
    editions: Mapping[str, str],
    minerals: Collection[str],
    made_from: str = "",
) -> Sidecar:
    """Write `<lake>/<source_id>/<table>.parquet` and its sidecar.

    Args:
        frame: rows in the columns of `schema`, in any order.
        editions: edition to digest of the bytes or snapshot that it was read from.
        made_from: digest of all that it was made from, for `keep_tables`.
        minerals: every known id, of which alone its rows may be.

    Raises:
        SourceError: the frame breaks its schema or names an unknown mineral; nothing is written then.
        OSError: the disk is full; the old file stays.
    """
    where = f"lake/{source_id}/{table}"
    checked = validated(frame, schema, source_id, where)
    if "mineral_id" in checked.columns:
        _refuse_unknown_minerals(checked, minerals, source_id, where)
    order, key = lake_order(schema), schema.primary_key()
    ordered = checked.sort(order)
    parquet_sha256 = write_parquet(lake / source_id / f"{table}.parquet", ordered)
    sidecar = Sidecar(
        source_id=source_id,
        table=table,
        input=input_name,
        build_id=build_id,
        editions=dict(editions),
        rows=ordered.height,
        content_digest=content_digest(ordered, is_ordered=bool(key) and {*key} <= {*order}),
        columns={name: str(dtype) for name, dtype in ordered.schema.items()},
        written_at=clock.now().isoformat(timespec="seconds"),
        parquet_sha256=parquet_sha256,
        made_from=made_from,
    )
    _write_sidecar(lake, sidecar)
    return sidecar


def _write_sidecar(lake: LakePath, sidecar: Sidecar) -> None:
    path = lake / sidecar.source_id / f"{sidecar.table}.json"
    _write(path, json.dumps(asdict(sidecar), indent=1).encode("utf-8"))


def keep_tables(
    lake: LakePath, source_id: str, tables: Iterable[str], *, made_from: str, build_id: str
) -> list[Sidecar]:
    """The tables of a source as they stand, now of this build too; none unless each was made from the same.

    Args:
        made_from: digest of all that the tables would be made from now.
        build_id: the build that keeps them.
    """
    try:
        found = [read_sidecar(lake, source_id, table) for table in tables]
    except (OSError, ValueError, TypeError):
        return []
    if not all(old.made_from == made_from and sidecar_matches(lake, old) for old in found):
        return []
    kept = [replace(old, build_id=build_id, kept_from=old.build_id) for old in found]
    for sidecar in kept:
        _write_sidecar(lake, sidecar)
    return kept


def read_sidecar(lake: LakePath, source_id: str, table: str) -> Sidecar:
    """The sidecar of a lake table.

    Raises:
        FileNotFoundError: the table was never written.
    """
    return Sidecar(**json.loads((lake / source_id / f"{table}.json").read_bytes()))


def sidecar_matches(lake: LakePath, sidecar: Sidecar) -> bool:
    """Whether the table's Parquet file is the very one that this sidecar was written for.

    It is not after a kill between the two, or where another file was put into the lake.
    """
    try:
        return (
            sha256_of(lake / sidecar.source_id / f"{sidecar.table}.parquet")
            == sidecar.parquet_sha256
        )
    except (FileNotFoundError, IsADirectoryError):
        return False


def read_tables(lake: LakePath, source_id: str) -> dict[str, pl.DataFrame]:
    """All tables of a source, by name."""
    paths = sorted((lake / source_id).glob("*.parquet"))
    return {
        path.stem: pl.read_parquet(path if isinstance(path, Path) else path.read_bytes())
        for path in paths
    }
