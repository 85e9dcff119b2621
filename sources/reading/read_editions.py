"""From pinned files to published tables, the same way for every source: file by file, by its layout."""

from collections.abc import Callable, Mapping
from pathlib import Path

import dataframely as dy
import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile
from sources.reading.errors import SourceError
from sources.reading.files import pinned_path, read_bytes
from sources.reading.passport import in_schema

Tables = dict[str, pl.DataFrame]
Layout = Callable[[Source, Edition, SourceFile, bytes], Tables]


def read_by_layout(
    layouts: Mapping[str, Layout],
    source: Source,
    edition: Edition,
    file: SourceFile,
    content: bytes,
) -> Tables:
    """Published tables of one file, read by the layout that its pin names.

    Raises:
        SourceError: the layout is not one of `layouts`, or it refuses the file.
    """
    if file.layout not in layouts:
        raise SourceError(
            source=source.source_id,
            problem="unknown layout",
            where=f"{edition.edition}, {file.path}",
            expected=", ".join(sorted(layouts)),
            got=file.layout,
            next_step=(
                "correct `layout` in source.yml or files.csv, or write it in "
                f"sources/{source.source_id}/layouts.py"
            ),
        )
    return layouts[file.layout](source, edition, file, content)


def read_editions(
    source: Source,
    root: Path,
    published: Mapping[str, type[dy.Schema]],
    layouts: Mapping[str, Layout],
) -> Tables:
    """Published tables of every edition, read from a folder of publishers' files.

    A table that no file fills is empty, in the columns of its schema.

    Raises:
        SourceError: a file is missing, is not the pinned bytes, or can't be read as its layout says.
    """
    tables: dict[str, list[pl.DataFrame]] = {
        table: [pl.DataFrame(schema=schema.create_empty().schema)]
        for table, schema in published.items()
    }
    for edition in source.editions:
        for file in edition.files:
            content = read_bytes(source, file, pinned_path(source, edition, file, root))
            for table, frame in read_by_layout(layouts, source, edition, file, content).items():
                tables[table].append(in_schema(frame, published[table]))
    return {table: pl.concat(frames) for table, frames in tables.items()}
