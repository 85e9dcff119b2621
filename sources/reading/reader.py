"""What a source's folder exports as `READER` in its `reader.py`: everything that others need to know of it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol

import dataframely as dy
import polars as pl

from sources.reading.catalog import Edition, Source, SourceFile, load_source
from sources.reading.checks import LakeCheck
from sources.reading.files import pinned_path, read_bytes
from sources.reading.lake import validated
from sources.reading.open_file import Layout, OpenFile, Tables
from sources.reading.passport import in_schema


class PeriodicPull(Protocol):
    """An API that is asked year by year (`2024`) or month by month (`2024-05`).

    What it gives becomes an edition in the drop folder.
    """

    frequency: Literal["year", "month"]
    first_period: str

    def pull(self, period: str, raw: Path, drop: Path) -> str:
        """Fetch one period; says in words what came. Broken off, it is asked again.

        Raises:
            FetchError: the publisher could not be asked.
        """
        ...


@dataclass(frozen=True)
class Reader:
    """How one source is read. Only its first five parts are needed; the others are hooks.

    `published` are the tables of its snapshot (publishers' words and numbers), `lake` those that it hands
    to the warehouse, each with its schema. `tidy` makes these of those, for the `Source` that is given:
    its editions and pins may be others than those of `source.yml`.
    """

    source_id: str
    published: Mapping[str, type[dy.Schema]]
    lake: Mapping[str, type[dy.Schema]]
    tidy: Callable[[Tables, Source], Tables]
    # By the name that a file's pin gives as `layout`.
    layouts: Mapping[str, Layout] = field(default_factory=dict)
    # In place of `layouts`: reads the files its own way (a release of gigabytes, in a stream).
    stream: Callable[[Source, Path], Tables] | None = None
    # Published tables that are too large for a snapshot of text.
    parquet: frozenset[str] = frozenset()
    # Run on this source's lake beside the common checks.
    checks: tuple[LakeCheck, ...] = ()
    # Day of release that a file itself tells, for a new edition at a rolling address.
    released_on: Callable[[Source, str, bytes], dt.date] | None = None
    periodic_pulls: tuple[PeriodicPull, ...] = ()

    def read_files(self, source: Source, root: Path) -> Tables:
        """Published tables of every edition, read from a folder of publishers' files.

        A table that no file fills is empty, in the columns of its schema.

        Raises:
            SourceError: a file is missing, is not the pinned bytes, or can't be read as its layout says.
        """
        if self.stream is not None:
            return self.stream(source, root)
        tables = {
            table: [pl.DataFrame(schema=schema.create_empty().schema)]
            for table, schema in self.published.items()
        }
        for edition in source.editions:
            for file in edition.files:
                content = read_bytes(source, file, pinned_path(source, edition, file, root))
                for table, frame in self.read_file(source, edition, file, content).items():
                    tables[table].append(frame)
        return {table: pl.concat(frames) for table, frames in tables.items()}

    def read_file(
        self, source: Source, edition: Edition, file: SourceFile, content: bytes
    ) -> Tables:
        """Published tables of one file, read by the layout that its pin names.

        Raises:
            SourceError: there is no such layout, it refuses the file, or a column holds something else.
        """
        if file.layout not in self.layouts:
            raise source.error(
                problem="unknown layout",
                where=f"{edition.edition}, {file.path}",
                expected=", ".join(sorted(self.layouts)),
                got=file.layout,
                next_step=(
                    "correct `layout` in source.yml or files.csv, or write it in "
                    f"sources/{source.source_id}/layouts.py"
                ),
            )
        try:
            tables = self.layouts[file.layout](OpenFile(source, edition, file, content))
            return {
                table: in_schema(frame, self.published[table]) for table, frame in tables.items()
            }
        except pl.exceptions.PolarsError as error:
            # A year of fifteen digits, a code with a decimal point.
            raise source.error(
                problem="cells that are not of their column's kind",
                where=f"{edition.edition}, {file.source_file}",
                expected=f"cells as the layout {file.layout} reads them",
                got=str(error).splitlines()[0],
                next_step="look at the file's columns; fetch it again, or add a layout for it",
            ) from error

    def lake_tables(self, published: Tables, source: Source | None = None) -> Tables:
        """Lake tables from published tables, by default of the editions of `source.yml`.

        Raises:
            SourceError: labels, countries, units or values that are not known; all of a kind at once.
        """
        return self.tidy(published, source or load_source(self.source_id))

    def checked(self, published: Tables) -> Tables:
        """The published tables, once each satisfies its schema.

        Raises:
            SourceError: one does not.
        """
        return {
            table: validated(frame, self.published[table], self.source_id, f"published {table}")
            for table, frame in published.items()
        }
