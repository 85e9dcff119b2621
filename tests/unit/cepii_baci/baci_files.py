"""Hand-made releases of BACI: zips of a few rows, whole or spoiled, and what is read from them."""

import zipfile
from collections.abc import Mapping
from pathlib import Path

import polars as pl
import pytest

from sources.cepii_baci.layouts import read_zip
from sources.cepii_baci.reader import READER
from sources.reading.catalog import Edition, SourceFile, load_source
from sources.reading.errors import SourceError
from sources.reading.lake import validated

SOURCE = load_source("cepii_baci")
EDITION: Edition = SOURCE.editions[0]
Tables = dict[str, pl.DataFrame]
HEADER = "t,i,j,k,v,q"
ZIP, MEMBER = "BACI_HS17_V202601.zip", "BACI_HS17_Y2024_V202601.csv"
# Year, exporter, importer, line, thousand US$, tonnes, as in the release: padded, a blank `NA`.
ROWS = (
    "2024,180,156,282200,        123456.789,         43210.987",
    "2024,156,842,850511,             1.484,             0.029",
    "2024,156,251,850511,           120.000,                NA",
    "2024,36,156,270112,        999999.999,        7777777.77",
)


def text_of(*rows: str, header: str = HEADER) -> bytes:
    """A year's file: LF, no quotes, a line end behind the last row."""
    return "\n".join([header, *rows, ""]).encode("ascii")


def write_zip(path: Path, members: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def small_zip(folder: Path, *rows: str, header: str = HEADER) -> Path:
    """The release of one year (2024, HS 2017) with these rows."""
    return write_zip(folder / ZIP, {MEMBER: text_of(*rows, header=header)})


def read_small(path: Path, name: str = ZIP) -> Tables:
    """Published tables of a zip under the name of a file that the release has."""
    file = SourceFile(
        table="trade", path=f"cepii_baci/{name}", layout="zip_by_year", sha256="0" * 64
    )
    read = read_zip(SOURCE, EDITION, file, path)
    tables: Tables = {}
    for table, schema in READER.published.items():
        wanted = schema.create_empty()
        given = read.get(table, wanted)
        frame = given.select(pl.col(column).cast(kind) for column, kind in wanted.schema.items())
        tables[table] = validated(frame, schema, "cepii_baci", f"published {table}")
    return tables


def lake_of(path: Path) -> Tables:
    return READER.lake_tables(read_small(path))


def cut(path: Path, old: bytes, new: bytes, *, last: bool = False) -> Path:
    """The same file with one run of bytes replaced."""
    content = path.read_bytes()
    at = content.rindex(old) if last else content.index(old)
    path.write_bytes(content[:at] + new + content[at + len(old) :])
    return path


def refused(path: Path, name: str = ZIP) -> pytest.ExceptionInfo[SourceError]:
    """The error with which a zip, or what is in it, is refused."""
    with pytest.raises(SourceError) as raised:
        READER.lake_tables(read_small(path, name))
    return raised
